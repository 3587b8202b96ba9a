import { randomUUID } from 'node:crypto';
import type { ConnectionRecord } from '../run/evidence.ts';

/** Words that stand where a schema lists them. */
const words: Record<string, string[]> = {
  kind: ['conn', 'event'],
  event: ['wait', 'open', 'close'],
  closed_by: ['client', 'upstream', 'proxy', 'unknown'],
  proxy_version: ['none', 'v1', 'v2', 'invalid'],
  proxy_command: ['PROXY', 'LOCAL'],
  client_end: ['fin', 'rst'],
  upstream_end: ['fin', 'rst'],
  side: ['in', 'out'],
  outcome: ['ok', 'fail'],
  direction: ['downstream', 'upstream', 'sent', 'received'],
  h2_event: ['SETTINGS', 'GOAWAY', 'PING', 'RST_STREAM'],
  protocol: ['http1', 'http2', 'grpc', 'redis', 'h2', 'http/1.1', 'raw'],
  term: ['SD', 'CD', '--', 'cR'],
  cause: ['truncated', 'client_gone', 'graceful', 'reset'],
  close_reason: ['client_fin', 'upstream_fin', 'upstream_rst', 'completed'],
  body_b64: ['AAAA'],
  debug_data_b64: ['AAAA'],
  ech_present: ['1', '0'],
  esni_legacy_present: ['1', '0'],
};

/**
 * Wrong values for a field, to be tried against the schema: one that says something else, and null where something was
 * said. A list is shortened, or given an entry when it was empty.
 */
export function wrongValues(path: string[], value: unknown, records: ConnectionRecord[]): unknown[] {
  const key = path.at(-1)!;
  if (Array.isArray(value)) {
    if (value.length > 0) return [value.slice(0, -1)];
    return [['x'], [1], [['x-added', 'x']], [{ type: 5, name: 'UNIQUE_ID', value_hex: '00' }]].slice(0, 4);
  }
  // An id is a token of no meaning: only one that is taken is wrong.
  if (path.length === 1 && key === 'id') {
    const other = records.find(({ id }) => id !== value);
    return other ? [other.id] : [];
  }
  // So is a conn_id that no other record shares.
  if (key === 'conn_id')
    return records.filter(({ conn_id }) => conn_id === value).length > 1 ? [randomUUID()] : [];
  const known = words[key]?.find((word) => word !== value);
  const changed: unknown[] = known === undefined ? [] : [known];
  if (value === null) return [...changed, 'x', 7, true].slice(0, 4);
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value + (/^(ts|duration)/.test(key) ? 5000 : 1), null];
  return [...(changed.length > 0 ? changed : [`${String(value)}x`]), null];
}
