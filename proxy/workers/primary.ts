import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/types.ts';
import { mergeHealth, type WorkerHealth } from '../health-merge.ts';
import { openRecords } from '../open-records.ts';
import type { Sink } from '../records/sink.ts';
import type { RunningProxy } from '../run.ts';
import { StartError } from '../start-error.ts';
import { clockOrigin } from './clock.ts';
import { relog } from './log-bridge.ts';
import type { Start, ToPrimary, ToWorker } from './messages.ts';
import { countAll } from './primary-sink.ts';
import { createSlotServer, type SlotServer } from './slot-server.ts';
import { createTurnServer, type TurnServer } from './turn-server.ts';
import { forkWorker, type WorkerProcess } from './worker-process.ts';

/** The record queues of all workers together, as for one process. */
const QUEUE_CHARS = 64 * 1024 * 1024;

type Shared = {
  logger: Logger;
  slots: SlotServer;
  /** Null when nothing is recorded. */
  records: { fd: number; file: Sink; turns: TurnServer } | null;
};

/**
 * Starts `config.workers` processes that relay. This one accepts and deals the connections out in turn, counts them, and
 * says whose turn it is to append to the record file; it writes the `meta` lines. A worker lost ends the proxy.
 */
export async function startWorkers(config: Config, logger: Logger): Promise<RunningProxy> {
  const stops: WorkerHealth[] = [];
  const shared: Shared = {
    logger,
    slots: createSlotServer(config.listeners.map(({ policy }) => policy.maxConnections)),
    records: null,
  };
  let dropped = 0;
  const output = openRecords(config, logger, {
    join(file, fd) {
      const turns = createTurnServer(fd);
      shared.records = { fd, file, turns };
      return countAll(file, turns, () => dropped);
    },
    health: (own) => mergeHealth([{ ...own, pid: process.pid }, ...stops]),
  });
  const start: Omit<Start, 'number'> = {
    config,
    logLevel: logger.level,
    clockOrigin: clockOrigin(),
    ticketKeys: randomBytes(48),
    boundChars: Math.floor(QUEUE_CHARS / config.workers),
  };
  const workers = Array.from({ length: config.workers }, (_, index) => {
    const worker = serveWorker(shared);
    worker.send({ kind: 'start', ...start, number: index + 1 });
    return worker;
  });
  let asked = true;
  const failed = new Promise<void>((resolve) => {
    // An exit handler could not wait for the workers, and with them would go what they have not written yet.
    process.once('uncaughtException', (error) => {
      process.stderr.write(`${error?.stack ?? error}\n`);
      resolve();
    });
    for (const [index, worker] of workers.entries()) {
      void worker.ended.then(({ stop, how, clean }) => {
        if (stop !== null) {
          stops.push(stop as WorkerHealth & typeof stop);
          dropped += stop.dropped ?? 0;
        }
        if (asked && clean) return;
        const words = `worker ${index + 1} (pid ${worker.pid}) ended ${how}; its open connections are lost`;
        logger.error(words);
        process.stderr.write(`wiretracer: ${words}. Stopping.\n`);
        resolve();
      });
    }
  });
  const tellAll = (message: ToWorker): void => {
    asked = true;
    for (const worker of workers) worker.send(message);
  };
  let closing: Promise<void> | null = null;
  async function allEnded(): Promise<void> {
    await Promise.all(workers.map(({ ended }) => ended));
    closing ??= output.close();
    await closing;
  }

  const listeners = await addressesOf(workers);
  if (!Array.isArray(listeners)) {
    tellAll({ kind: 'end' });
    shared.records?.turns.open();
    await allEnded();
    throw listeners;
  }
  asked = false;
  output.log.ready(listeners);
  await shared.records?.file.flush();
  shared.records?.turns.open();
  for (const address of listeners) logger.info({ ...address, workers: workers.length }, 'listening');

  let stopping: Promise<void> | null = null;
  async function stopWithin(graceMs: number): Promise<void> {
    logger.info({ graceMs }, 'stopping');
    tellAll({ kind: 'stop' });
    await allEnded();
    logger.info('stopped');
  }
  return {
    listeners,
    failed,
    stop() {
      stopping ??= stopWithin(config.shutdownGraceMs);
      return stopping;
    },
    async stopNow() {
      tellAll({ kind: 'stopNow' });
      await (stopping ?? allEnded());
    },
    stopSync() {
      output.log.stopSync();
      // One that hangs would not even notice that it is alone. The one whose turn it is may be in the middle of a line.
      if (shared.records?.turns.busy !== true) for (const worker of workers) worker.kill();
    },
  };
}

function serveWorker({ logger, slots, records }: Shared): WorkerProcess {
  const worker = forkWorker(records?.fd ?? null, hear);
  const slotDesk = slots.deskOf(worker.send);
  const turnDesk = records?.turns.deskOf((base) => worker.send({ kind: 'turn', base }));
  void worker.ended.then(() => {
    slotDesk.releaseAll();
    turnDesk?.leave();
  });
  return worker;

  function hear(message: ToPrimary): void {
    if (message.kind === 'ask') turnDesk?.ask(message.numbers);
    else if (message.kind === 'done') turnDesk?.done(message.numbers, message.lines);
    else if (message.kind === 'take') slotDesk.take(message.id, message.listener, message.limitMs);
    else if (message.kind === 'release') slotDesk.release(message.id);
    else if (message.kind === 'giveUp') slotDesk.giveUp(message.id);
    else if (message.kind === 'stopped') records?.turns.skip(message.missing);
    else if (message.kind === 'log') relog(logger, message.line);
  }
}

/** The addresses all workers share, or every reason why there are none, each once. */
async function addressesOf(workers: WorkerProcess[]): Promise<RunningProxy['listeners'] | StartError> {
  const starts = await Promise.all(workers.map(({ started }) => started));
  const problems = new Set<string>();
  let listeners: RunningProxy['listeners'] = [];
  for (const start of starts) {
    if (start.kind === 'listening') listeners = start.listeners;
    else for (const problem of start.problems) problems.add(problem);
  }
  return problems.size > 0 ? new StartError([...problems]) : listeners;
}
