import type { Config } from '../config/types.ts';
import { openListener } from '../connection/listener.ts';
import { startHealth } from '../health.ts';
import { openReportingSink, type RecordOutput } from '../open-records.ts';
import { createRecordLog, type OwnedRecordLog } from '../records/record-log.ts';
import { type RunningProxy, startProxy } from '../run.ts';
import { keepPausesShort } from '../short-pauses.ts';
import { StartError } from '../start-error.ts';
import { version } from '../version.ts';
import { adoptClock } from './clock.ts';
import { bridgedLogger } from './log-bridge.ts';
import { RECORDS_FD, type Start, type ToPrimary, type ToWorker } from './messages.ts';
import { createSlotClient } from './slot-client.ts';
import { createTurnWriter } from './turn-writer.ts';
import { keepMetaLines } from './worker-sink.ts';

/**
 * One process of several: the same proxy, but that the primary accepts its sockets (node:cluster), counts its slots, and
 * says when it may append to the record file.
 */

/** How long a worker that must end tries to get rid of its records. */
const LAST_MS = 500;

const slots = createSlotClient(send);
const turns = createTurnWriter({
  ask: (numbers) => send({ kind: 'ask', numbers }),
  done: (numbers, lines) => send({ kind: 'done', numbers, lines }),
});
let output: RecordOutput | null = null;
let proxy: RunningProxy | null = null;
let ending = false;

// A terminal and a service manager signal the whole group; it is the primary that decides.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('message', (message: ToWorker) => {
  if (message.kind === 'turn') turns.turn(message.base);
  else if (message.kind === 'slot') slots.answered(message.id, message.waitedMs);
  else if (message.kind === 'start') void start(message);
  else if (message.kind === 'stop') void proxy!.stop().then(() => exit());
  else if (message.kind === 'stopNow') void proxy!.stopNow().then(() => exit());
  else end(0);
});

async function start(message: Start): Promise<void> {
  const { config, number, logLevel, ticketKeys, boundChars } = message;
  adoptClock(message.clockOrigin);
  const logger = bridgedLogger(logLevel, number, (line) => send({ kind: 'log', line }));
  process.on('uncaughtException', (error) => {
    if (ending) return;
    logger.error({ err: error }, 'uncaught exception');
    process.stderr.write(`${error?.stack ?? error}\n`);
    end(1);
  });
  // One after the other: of two listeners on port 0 each worker must mean the same by the first.
  let previous: Promise<unknown> = Promise.resolve();
  const open: typeof openListener = (listener, log, _logger, gauge) => {
    const shared = { slots: slots.slotsOf(config.listeners.indexOf(listener)), ticketKeys };
    const opened = previous.then(() => openListener(listener, log, logger, gauge, shared));
    previous = opened.catch(() => undefined);
    return opened;
  };
  try {
    proxy = await startProxy(config, logger, open, () => {
      output = openOutput(config, boundChars);
      return output;
    });
    keepPausesShort();
    send({ kind: 'listening', listeners: proxy.listeners });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    send({ kind: 'failed', problems: error.problems });
  }

  function openOutput({ jsonlPath, overflow, hash }: Config, boundChars: number): RecordOutput {
    const health = startHealth();
    const close = () => output!.log.stop();
    const options = { version, configHash: hash };
    if (jsonlPath === null) return { log: createRecordLog(null, options), health, close };
    const file = openReportingSink(RECORDS_FD, jsonlPath, overflow, logger, {
      boundChars,
      write: turns.write,
    });
    const { sink, metaComes } = keepMetaLines(file, (meta) => {
      if (meta.event === 'stop')
        send({ kind: 'stopped', stop: meta, missing: turns.missingBefore(meta.seq) });
    });
    const log: OwnedRecordLog = createRecordLog(sink, {
      ...options,
      health() {
        // Asked for the `stop` line alone, which comes next.
        metaComes();
        return health.read();
      },
    });
    // That is for the primary to say, and would take a number.
    return { log: Object.create(log, { ready: { value: () => {} } }), health, close };
  }
}

/** The loop goes on until the records are out: their turn has to come first. */
function end(code: number): void {
  ending = true;
  setTimeout(() => exit(code), LAST_MS);
  const stopped = output?.log.stop() ?? Promise.resolve();
  void stopped.then(() => exit(code));
}

/** Once everything that was said has left. */
function exit(code = 0): void {
  if (!process.connected) process.exit(code);
  const last: ToPrimary = { kind: 'bye' };
  process.send!(last, undefined, undefined, () => process.exit(code));
}

function send(message: ToPrimary): void {
  // Without its primary there is nobody to tell, and the process ends by itself.
  if (process.connected) process.send!(message, undefined, undefined, () => {});
}
