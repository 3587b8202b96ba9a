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
    `,"listeners":[${listeners.join(',')}],"written":${integer(m.written)},"dropped":${integer(m.dropped)}}\n`
  );
}
