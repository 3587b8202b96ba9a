import type { Health, MetaRecord } from '../../protos/records/records.ts';
import { connLine } from './line-conn.ts';
import { eventLine } from './line-event.ts';
import { h2ctlLine } from './line-h2ctl.ts';
import { metaLine } from './line-meta.ts';
import { tlsLine } from './line-tls.ts';
import type { EventFields, RecordLog } from './log.ts';
import { recordId } from './record-id.ts';
import { redactionOf } from './redaction.ts';
import type { Sink } from './sink.ts';

export type OwnedRecordLog = RecordLog & {
  /** Writes the `ready` line. */
  ready(listeners: MetaRecord['listeners']): void;
  /** Writes everything out, then the `stop` line; lines that come later are not written. */
  stop(): Promise<void>;
  /** The same at once, for a process that is about to end. Harmless after stop. */
  stopSync(): void;
};

export type RecordLogOptions = {
  version: string;
  configHash: string;
  /** 0 to below 1; decides which successful exchanges a sample_rate below 1 keeps. */
  random?: () => number;
  /** Asked once, for the `stop` line; without it that line knows nothing of the proxy's own health. */
  health?: () => Health;
};

/** Writes the `start` line and returns the log all listeners share. Without a sink nothing is recorded. */
export function createRecordLog(sink: Sink | null, options: RecordLogOptions): OwnedRecordLog {
  const random = options.random ?? Math.random;
  let seq = 0;
  let stopped = sink === null;

  function meta(event: MetaRecord['event'], listeners: MetaRecord['listeners'] = []): void {
    const stop = event === 'stop' && sink !== null;
    sink?.push(
      metaLine({
        event,
        ts: now(),
        seq: seq++,
        version: options.version,
        pid: process.pid,
        config_hash: options.configHash,
        listeners,
        written: stop ? sink.written : null,
        dropped: stop ? sink.dropped : null,
        ...((stop && options.health?.()) || unknownHealth),
      }),
    );
  }

  if (sink !== null) meta('start');
  return {
    conn(context, fields) {
      if (stopped) return;
      sink?.push(connLine(recordId(), seq++, context, redactionOf(context.listener), fields));
    },
    tls(context, fields) {
      if (stopped) return;
      sink?.push(tlsLine(recordId(), seq++, context, redactionOf(context.listener), fields));
    },
    event(context, fields) {
      if (stopped) return;
      const { sampleRate } = context.listener.logging;
      if (sampleRate < 1 && !failed(fields) && random() >= sampleRate) return;
      sink?.push(eventLine(recordId(), seq++, context, redactionOf(context.listener), fields));
    },
    h2ctl(context, fields) {
      if (stopped || !context.listener.logging.h2ControlEvents) return;
      sink?.push(h2ctlLine(recordId(), seq++, now(), context, redactionOf(context.listener), fields));
    },
    get congested() {
      return sink?.congested ?? false;
    },
    onceDrained(callback) {
      if (sink === null) setImmediate(callback);
      else sink.onceDrained(callback);
    },
    ready(listeners) {
      if (!stopped) meta('ready', listeners);
    },
    async stop() {
      if (stopped || sink === null) return;
      await sink.flush();
      // The wait may have let stopSync come first, and connections write: what they wrote is counted too.
      while (!stopped && sink.queued) await sink.flush();
      if (stopped) return;
      stopped = true;
      meta('stop');
      await sink.flush();
    },
    stopSync() {
      sink?.flushSync();
      if (stopped) return;
      stopped = true;
      meta('stop');
      sink?.flushSync();
    },
  };
}

const unknownHealth: Record<keyof Health, null> = {
  event_loop_delay_max_ms: null,
  event_loop_delay_p99_ms: null,
  event_loop_cpu_max_ms: null,
  gc_pause_count: null,
  gc_pause_max_ms: null,
  rss_max_bytes: null,
  cpu_user_s: null,
  cpu_system_s: null,
  connections_open_max: null,
};

/** An exchange someone will look for: it is recorded whatever the sample rate. */
function failed(f: EventFields): boolean {
  return (
    f.error !== null ||
    f.cause !== null ||
    f.local_reply ||
    (f.response.status !== null && f.response.status >= 500) ||
    (f.grpc_status !== null && f.grpc_status !== 0)
  );
}

/** Epoch seconds with microseconds; steady within a run even when the wall clock is set. */
const now = (): number => (performance.timeOrigin + performance.now()) / 1000;
