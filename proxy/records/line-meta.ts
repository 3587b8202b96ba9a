import type { MetaRecord } from '../../protos/records/records.ts';
import { integer, real, text } from './line-parts.ts';

/** One `meta` line, newline included; key order as in MetaRecord. */
export function metaLine(m: Omit<MetaRecord, 'kind' | 'schema'>): string {
  const listeners = m.listeners.map(
    (l) => `{"name":${text(l.name)},"host":${text(l.host)},"port":${integer(l.port)}}`,
  );
  return (
    `{"kind":"meta","event":"${m.event}","ts":${real(m.ts)},"seq":${m.seq},"schema":"wiretracer/2"` +
    `,"version":${text(m.version)},"pid":${m.pid},"config_hash":${text(m.config_hash)}` +
    `,"listeners":[${listeners.join(',')}],"written":${integer(m.written)},"dropped":${integer(m.dropped)}` +
    `,"event_loop_delay_max_ms":${maybeReal(m.event_loop_delay_max_ms)}` +
    `,"event_loop_delay_p99_ms":${maybeReal(m.event_loop_delay_p99_ms)}` +
    `,"event_loop_cpu_max_ms":${maybeReal(m.event_loop_cpu_max_ms)}` +
    `,"gc_pause_count":${integer(m.gc_pause_count)},"gc_pause_max_ms":${maybeReal(m.gc_pause_max_ms)}` +
    `,"rss_max_bytes":${integer(m.rss_max_bytes)}` +
    `,"cpu_user_s":${maybeReal(m.cpu_user_s)},"cpu_system_s":${maybeReal(m.cpu_system_s)}` +
    `,"connections_open_max":${integer(m.connections_open_max)}}\n`
  );
}

const maybeReal = (value: number | null): string => (value === null ? 'null' : real(value));
