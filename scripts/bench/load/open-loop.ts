/** Unary calls on a schedule that never waits for an answer, so that a slow answer cannot hide the calls behind it. */
import { setPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { percentile } from '../statistics.ts';
import { connectGrpc, type GrpcClient } from './grpc-client.ts';

export type OpenLoopResult = {
  calls: number;
  answered: number;
  /** Microseconds from the instant a call was scheduled, not from when it went out, to its answer. */
  p50Us: number;
  p99Us: number;
  /** Null with fewer than 1,000 calls: no call would stand for it. */
  p999Us: number | null;
  /** How late the load itself sent. */
  latenessP50Us: number;
  latenessP99Us: number;
};

const connections = 4;
/** The load's own code, and its peers', must be compiled before an instant counts. */
const warmSeconds = 0.5;
/** Calls of one instant go out together; more instants than this per second no timer keeps. */
const instantsPerSecond = 2000;
const answerLimitMs = 5000;

export async function openLoop(port: number, rate: number, seconds: number): Promise<OpenLoopResult> {
  preferOneself();
  const perInstant = Math.ceil(rate / instantsPerSecond);
  const intervalMs = (1000 * perInstant) / rate;
  const warmCalls = Math.floor((rate * warmSeconds) / perInstant) * perInstant;
  const calls = warmCalls + Math.ceil((rate * seconds) / perInstant) * perInstant;
  const latencies: number[] = [];
  const lateness: number[] = [];
  /** By connection and stream: which call of the schedule it is. */
  const scheduled = Array.from({ length: connections }, () => new Map<number, number>());
  let answered = 0;
  let sent = 0;
  let beginMs = 0;
  const instantOf = (call: number) => beginMs + Math.floor(call / perInstant) * intervalMs;
  const ticker = new Worker(new URL('./ticker.ts', import.meta.url));
  const done = Promise.withResolvers<void>();
  let overtime: NodeJS.Timeout | undefined;

  const clients: GrpcClient[] = await Promise.all(
    scheduled.map((own) =>
      connectGrpc(port, {
        onEnd: (streamId) => {
          const call = own.get(streamId)!;
          own.delete(streamId);
          if (call >= warmCalls) latencies.push((now() - instantOf(call)) * 1000);
          if (++answered === calls) done.resolve();
        },
        onBroken: (why) => done.reject(new Error(why)),
      }),
    ),
  );
  ticker.on('error', done.reject);
  ticker.on('message', sendDue);
  beginMs = now() + 50;
  ticker.postMessage({ beginMs, intervalMs, count: calls / perInstant });

  function sendDue(): void {
    const at = now();
    let touched = 0;
    while (sent < calls && instantOf(sent) <= at) {
      const index = Math.floor(sent / perInstant + sent) % connections;
      scheduled[index]!.set(clients[index]!.call(), sent);
      if (sent >= warmCalls) lateness.push((at - instantOf(sent)) * 1000);
      touched |= 1 << index;
      sent++;
    }
    for (let n = 0; n < connections; n++) if (touched & (1 << n)) clients[n]!.flush();
    if (sent === calls) overtime ??= setTimeout(done.resolve, answerLimitMs);
  }

  await done.promise;
  clearTimeout(overtime);
  await ticker.terminate();
  for (const client of clients) client.close();
  if (latencies.length === 0) throw new Error(`no call was answered within ${answerLimitMs} ms`);
  const sorted = Float64Array.from(latencies).sort();
  const late = Float64Array.from(lateness).sort();
  return {
    calls: calls - warmCalls,
    answered: latencies.length,
    p50Us: percentile(sorted, 0.5),
    p99Us: percentile(sorted, 0.99),
    p999Us: sorted.length < 1000 ? null : percentile(sorted, 0.999),
    latenessP50Us: percentile(late, 0.5),
    latenessP99Us: percentile(late, 0.99),
  };
}

/** The load must be on time, or it measures itself. */
function preferOneself(): void {
  try {
    setPriority(-10);
  } catch {
    // Only the administrator may; what the load then sends late it tells.
  }
}

/** One clock for all threads. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;
