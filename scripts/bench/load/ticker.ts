/** A thread that wakes the load at every instant of its schedule: timers of the event loop are a millisecond coarse. */
import { parentPort } from 'node:worker_threads';

const sleep = new Int32Array(new SharedArrayBuffer(4));

parentPort!.once('message', ({ beginMs, intervalMs, count }: Schedule) => {
  for (let n = 0; n < count; n++) {
    const wait = beginMs + n * intervalMs - Number(process.hrtime.bigint()) / 1e6;
    if (wait > 0) Atomics.wait(sleep, 0, 0, wait);
    parentPort!.postMessage(null);
  }
});

type Schedule = { beginMs: number; intervalMs: number; count: number };
