import { isObject } from '../json.ts';

/** What one kind of record has: `true` where everything beneath belongs to the field, a map where its keys are told one by one. */
export type Shape = { [key: string]: Shape | true };

const head = {
  kind: true,
  id: true,
  listener: true,
  client_ip: true,
  client_port: true,
  conn_id: true,
} as const;
const body = { headers: true, body_b64: true, body_truncated: true, content_length: true } as const;

/** The fields of a wiretracer 1.50 record, in the order of its keys where that is a contract; see `keyOrder`. */
export const fields150: { [kind: string]: Shape } = {
  conn: {
    ...head,
    ts: true,
    upstream_addr: true,
    event: true,
    proxy_version: true,
    proxy_src: true,
    proxy_dst: true,
    closed_by: true,
    close_reason: true,
    duration_ms: true,
    flags: true,
    tid: true,
    path: true,
  },
  tls: {
    ...head,
    ts: true,
    side: true,
    outcome: true,
    reason: true,
    category: true,
    detail: true,
    tls: true,
    upstream: true,
    fingerprints: {
      ja3: true,
      ja3_raw: true,
      ja4: true,
      ja4_raw: true,
      ech_present: true,
      ech_len: true,
      esni_legacy_present: true,
      sni_ch: true,
      alpn_ch: true,
    },
  },
  event: {
    ...head,
    ts_start: true,
    ts_end: true,
    upstream_addr: true,
    protocol: true,
    tls: true,
    request: {
      ...body,
      method: true,
      path: true,
      authority: true,
      stream_id: true,
      grpc_service: true,
      grpc_method: true,
    },
    response: { ...body, status: true },
    bytes_in: true,
    bytes_out: true,
    duration_ms: true,
    flags: true,
    error: true,
  },
  h2ctl: { ...head, ts: true, direction: true, h2_event: true, stream_id: true, details: true },
};

/** The frames 1.50 writes down; it never records PING, PRIORITY, PUSH_PROMISE or a breach of the protocol. */
export const h2Events150: readonly string[] = [
  'SETTINGS',
  'SETTINGS_ACK',
  'WINDOW_UPDATE',
  'RST_STREAM',
  'GOAWAY',
  'FLOW_BLOCK',
  'FINGERPRINT',
];

/** What records of this kind tell: the fields of 1.50, and those this program adds to them. */
export function toldShape(kind: string, records: Record<string, unknown>[]): Shape {
  const shape = copied(fields150[kind] ?? {});
  for (const record of records) if (record.kind === kind) addKeys(shape, record);
  return shape;
}

/** Whether a dotted path names something of that shape. */
export function isTold(shape: Shape, path: string): boolean {
  let level: Shape | true | undefined = shape;
  for (const key of path.split('.')) {
    if (level === true) return true;
    level = level?.[key];
    if (level === undefined) return false;
  }
  return true;
}

function copied(shape: Shape): Shape {
  return Object.fromEntries(
    Object.entries(shape).map(([key, below]) => [key, below === true ? true : copied(below)]),
  );
}

function addKeys(shape: Shape, record: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(record)) {
    const below = shape[key];
    if (below === undefined) shape[key] = true;
    else if (below !== true && isObject(value)) addKeys(below, value);
  }
}
