import schema from '../../../protos/records/records.schema.json' with { type: 'json' };
import type { ReadRecord } from '../reading/record-reader.ts';

/**
 * `endpoint`: `ip:port` or `host:port`, also found by its ip, a CIDR or its host alone; `address`: an ip, also found by a CIDR.
 * `number`: may be compared by size. `time`: epoch seconds, also compared with an ISO date. `list`: found by any of its elements.
 */
export type FieldType = 'text' | 'number' | 'time' | 'address' | 'endpoint' | 'list';

export type Field = {
  /** The first is the one shown; names are compared without regard to case. */
  names: readonly string[];
  type: FieldType;
  about: string;
  /** Null or undefined where the record has no such value. */
  of(record: ReadRecord): unknown;
};

/** A value inside a record; undefined where the path leads nowhere. */
export function at(record: unknown, ...path: readonly string[]): unknown {
  let value = record;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

const key =
  (...path: string[]) =>
  (record: ReadRecord): unknown =>
    at(record, ...path);

const field = (names: string, type: FieldType, about: string, of: Field['of']): Field => ({
  names: names.split(' '),
  type,
  about,
  of,
});

/** The named fields: those of 1.50 with their old names, and those it lacked. */
export const fields: readonly Field[] = [
  field('kind', 'text', 'conn, tls, event, h2ctl or meta', key('kind')),
  field('id', 'text', 'of the record', key('id')),
  field('conn conn_id', 'text', 'of the connection', key('conn_id')),
  field(
    'proto protocol',
    'text',
    'http1, http2, grpc, … of an event; else conn, tls, h2ctl, meta',
    (record) => (record.kind === 'event' ? record.protocol : record.kind),
  ),
  field('listener', 'text', 'its name', key('listener')),
  field('client', 'endpoint', 'ip:port, an ip, or a CIDR', (record) =>
    endpoint(record.client_ip, record.client_port),
  ),
  field('client_ip', 'address', 'after PROXY', key('client_ip')),
  field('client_port', 'number', 'after PROXY', key('client_port')),
  field('peer', 'endpoint', 'the TCP peer, whatever a PROXY header says', (record) =>
    endpoint(record.peer_ip, record.peer_port),
  ),
  field('peer_ip', 'address', 'the TCP peer', key('peer_ip')),
  field('peer_port', 'number', 'the TCP peer', key('peer_port')),
  field('proxy proxy_version', 'text', 'none, v1, v2 or invalid', key('proxy_version')),
  field('proxy_src', 'endpoint', 'as the PROXY header says', key('proxy_src')),
  field('proxy_dst', 'endpoint', 'as the PROXY header says', key('proxy_dst')),
  field('upstream upstream_addr', 'endpoint', 'where the listener leads', (record) =>
    record.kind === 'tls' ? at(record, 'upstream', 'addr') : record.upstream_addr,
  ),
  field('upstream_local', 'endpoint', "the proxy's own end", key('upstream_local')),
  field('status', 'number', 'HTTP status of an event; outcome of tls; h2_event of h2ctl', (record) =>
    record.kind === 'tls'
      ? record.outcome
      : record.kind === 'h2ctl'
        ? record.h2_event
        : at(record, 'response', 'status'),
  ),
  field('outcome', 'text', 'ok or fail: of a handshake, an exchange, a connection that is over', outcomeOf),
  field('error', 'text', '1 for what failed, else 0', (record) =>
    record.kind === 'tls' ? (record.outcome === 'fail' ? '1' : '0') : isSet(record.error) ? '1' : '0',
  ),
  field('message error_text', 'text', 'what an error or a detail says', (record) =>
    isSet(record.error) ? record.error : record.detail,
  ),
  field('event', 'text', 'wait, open or close of conn; start, ready or stop of meta', key('event')),
  field('path', 'text', 'request target', (record) => at(record, 'request', 'path') ?? record.path),
  field('method', 'text', 'HTTP method', key('request', 'method')),
  field('authority host', 'text', 'Host or :authority', key('request', 'authority')),
  field('grpc_service', 'text', '', key('request', 'grpc_service')),
  field('grpc_method', 'text', '', key('request', 'grpc_method')),
  field('grpc_status', 'number', '0 to 16', (record) => record.grpc_status ?? grpcStatusOf(record)),
  field('stream_id', 'number', 'of an event', key('request', 'stream_id')),
  field('sid stream streamid', 'number', 'of h2ctl', key('stream_id')),
  field('sni', 'text', 'server name', (record) => at(record, 'tls', 'sni') ?? fingerprint(record, 'sni_ch')),
  field('alpn', 'text', 'agreed protocol', key('tls', 'alpn')),
  field('alpn_in', 'text', 'agreed with the client', (record) => ofSide(record, 'in', 'alpn')),
  field('alpn_out', 'text', 'agreed with the upstream', (record) => ofSide(record, 'out', 'alpn')),
  field('tlsver tls_version', 'text', 'such as TLSv1.3', key('tls', 'version')),
  field('cipher', 'text', "OpenSSL's name", key('tls', 'cipher')),
  field('side', 'text', 'in or out', key('side')),
  field('reason', 'text', 'of tls', key('reason')),
  field('category', 'text', 'of tls', key('category')),
  field('detail', 'text', 'of tls', key('detail')),
  field('alert', 'text', 'name of a TLS alert', key('alert', 'name')),
  field('issuer', 'text', "of the peer's certificate", key('peer_cert', 'issuer')),
  field('subject', 'text', "of the peer's certificate", key('peer_cert', 'subject')),
  field('cause', 'text', 'why it ended, one stable word', key('cause')),
  field('term', 'text', 'who and in which phase, two letters', key('term')),
  field('close_reason', 'text', 'word of 1.50', key('close_reason')),
  field('closed_by', 'text', 'client, upstream, proxy or unknown', key('closed_by')),
  field('flag flags', 'list', 'of conn and event', key('flags')),
  field('anomaly anomalies', 'list', 'of event', key('anomalies')),
  field('tid', 'text', 'value of the first tid= parameter', key('tid')),
  field('trace trace_id', 'text', 'of traceparent', key('trace_id')),
  field('duration duration_ms', 'number', 'milliseconds', key('duration_ms')),
  field('bytes_in', 'number', 'from the client', key('bytes_in')),
  field('bytes_out', 'number', 'from the upstream', key('bytes_out')),
  field('ts time', 'time', 'epoch seconds, or a date such as 2026-01-31T12:00Z', (record) =>
    record.kind === 'event' ? record.ts_start : record.ts,
  ),
  field('code error_code_name', 'text', 'HTTP/2 error, by name', (record) => record.error_code_name),
  field('ja3 ja3_in', 'text', '', (record) => fingerprint(record, 'ja3')),
  field('ja4 ja4_in', 'text', '', (record) => fingerprint(record, 'ja4')),
  field('ech ech_in', 'text', '1 or 0', (record) => fingerprint(record, 'ech_present')),
  field('ech_len echlen ech_len_in', 'number', 'bytes', (record) => fingerprint(record, 'ech_len')),
  field('esni esni_legacy esni_in', 'text', '1 or 0', (record) => fingerprint(record, 'esni_legacy_present')),
  field('h2 h2_event', 'text', 'such as GOAWAY', key('h2_event')),
  field('direction', 'text', 'downstream or upstream', key('direction')),
  field('h2fp h2_fp h2fingerprint h2_fingerprint', 'text', 'of either side', key('details', 'h2fp')),
  field('h2fp_in h2_fp_in', 'text', "the client's", (record) =>
    record.direction === 'downstream' ? at(record, 'details', 'h2fp') : undefined,
  ),
  field('h2fp_out h2_fp_out', 'text', "the upstream's", (record) =>
    record.direction === 'upstream' ? at(record, 'details', 'h2fp') : undefined,
  ),
];

const named = new Map(fields.flatMap((one) => one.names.map((name) => [name, one] as const)));

/** Every name a filter may use, for suggestions: the named fields and the keys of the records with their parts. */
export const fieldNames: readonly string[] = [...named.keys(), ...schemaPaths()];
const schemaNames = new Set(fieldNames);

/** A named field, or the path of a key in a record, such as `request.headers.user-agent`; null for what no record has. */
export function fieldNamed(name: string): Field | null {
  const known = named.get(name.toLowerCase());
  if (known !== undefined) return known;
  const path = name.split('.');
  if (!schemaNames.has(name) && !isOpen(path)) return null;
  // Header names keep their case in HTTP/1.1 and are lower case in HTTP/2.
  return { names: [name], type: 'number', about: 'key of a record', of: (record) => leaf(record, path) };
}

function leaf(record: ReadRecord, path: readonly string[]): unknown {
  const value = at(record, ...path);
  if (value !== undefined || path[1] !== 'headers') return value;
  const headers = at(record, path[0]!, 'headers');
  if (typeof headers !== 'object' || headers === null) return undefined;
  const wanted = path.slice(2).join('.').toLowerCase();
  return Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1];
}

function endpoint(ip: unknown, port: unknown): string | undefined {
  return typeof ip === 'string' ? `${ip}:${String(port)}` : undefined;
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}

function fingerprint(record: ReadRecord, name: string): unknown {
  return at(record, 'fingerprints', name);
}

function ofSide(record: ReadRecord, side: 'in' | 'out', name: string): unknown {
  if (record.kind === 'tls') return record.side === side ? at(record, 'tls', name) : undefined;
  return side === 'in' ? at(record, 'tls', name) : undefined;
}

/** 1.50 had the outcome of handshakes alone. Ended connections of 1.50 tell theirs by the reason. */
function outcomeOf(record: ReadRecord): unknown {
  if (record.kind === 'tls') return record.outcome;
  if (record.kind === 'event') return isSet(record.error) ? 'fail' : 'ok';
  if (record.kind !== 'conn' || record.event !== 'close') return undefined;
  if (typeof record.term === 'string') return /^[^I]-$/.test(record.term) ? 'ok' : 'fail';
  return /fail|error|timeout|rst|broken_pipe|cancelled/.test(String(record.close_reason)) ? 'fail' : 'ok';
}

/** 1.50 left it among the headers. */
function grpcStatusOf(record: ReadRecord): unknown {
  return record.kind === 'event' ? at(record, 'response', 'headers', 'grpc-status') : undefined;
}

type SchemaNode = {
  anyOf?: readonly SchemaNode[];
  properties?: Readonly<Record<string, SchemaNode>>;
  patternProperties?: object;
  additionalProperties?: unknown;
};

/** `request`, `request.method`, … */
function schemaPaths(): string[] {
  const found = new Set<string>();
  const walk = (node: SchemaNode, prefix: string): void => {
    for (const variant of node.anyOf ?? []) walk(variant, prefix);
    for (const [name, inner] of Object.entries(node.properties ?? {})) {
      found.add(prefix + name);
      walk(inner, `${prefix}${name}.`);
    }
  };
  walk(schema as unknown as SchemaNode, '');
  return [...found];
}

/** Whether the path leads into a map whose names no schema knows: headers, fingerprints, details of a frame. */
function isOpen(path: readonly string[]): boolean {
  const [first, second] = path;
  if (path.length < 2 || path.some((part) => part === '')) return false;
  if (first === 'fingerprints' || first === 'details') return true;
  return (first === 'request' || first === 'response') && second === 'headers' && path.length > 2;
}
