import { isObject } from '../json.ts';
import type { ConnectionRecord, Evidence } from '../run/evidence.ts';

/** What the run knows of a record besides the record itself. */
export type Around = {
  line: number;
  /** The client's socket, null where it is unknown. */
  socket: string | null;
  /** Where the server saw the connection behind it from. */
  upstreamLocal: string | null;
  /** A request of the case reached the server. */
  served: boolean;
  /** This side's handshake was told as good before: what fails then is an alert that came late. */
  handshakeDone: boolean;
};

/**
 * A 1.50 record in the shape of the current ones, so that the same rules can read both. Fields it lacks are filled with what
 * the run knows or with nothing, and are never judged; fields it has stand as they are.
 */
export function lift(raw: Record<string, unknown>, around: Around): ConnectionRecord {
  const fill = filling(raw, around);
  const lifted = over(fill, raw);
  // What the address of a connection is read from must be an address, whatever a program writes there.
  if (typeof lifted.peer_ip !== 'string' || typeof lifted.peer_port !== 'number')
    Object.assign(lifted, { peer_ip: fill.peer_ip, peer_port: fill.peer_port });
  return lifted as unknown as ConnectionRecord;
}

/**
 * The same evidence with other values where nothing was told: a finding that is not there on both rests on what was filled in.
 * Events only; what is filled into the other kinds leads no rule to a told field.
 */
export function otherwiseFilled(evidence: Evidence): Evidence {
  const records = evidence.records.map((claimed) => {
    const { record, raw = {} } = claimed;
    if (record.kind !== 'event') return claimed;
    const lacks = (side: 'request' | 'response', key: string) => !(isObject(raw[side]) && key in raw[side]);
    const { request, response, anomalies } = record;
    const emptied = <Message extends typeof request | typeof response>(
      side: 'request' | 'response',
      message: Message,
    ) => ({
      ...message,
      ...(lacks(side, 'raw_headers') ? { raw_headers: [] } : {}),
    });
    const other = {
      ...record,
      request: emptied('request', request),
      response: emptied('response', response),
      ...('anomalies' in raw
        ? {}
        : {
            anomalies: [
              ...anomalies,
              'unknown',
              ...(request.method === null ? ['unsolicited_response'] : []),
            ],
          }),
    };
    return { ...claimed, record: other };
  });
  return { ...evidence, records };
}

/** Key by key: what the record has wins, and stands first. */
function over(fill: Record<string, unknown>, raw: Record<string, unknown>): Record<string, unknown> {
  const result = { ...raw, ...fill, ...raw };
  for (const [key, value] of Object.entries(fill)) {
    const told = raw[key];
    if (isObject(value) && isObject(told)) result[key] = over(value, told);
  }
  return result;
}

function filling(
  raw: Record<string, unknown>,
  { line, socket, upstreamLocal, served, handshakeDone }: Around,
): Record<string, unknown> {
  const peer = addressParts(socket) ?? { ip: String(raw.client_ip), port: Number(raw.client_port) };
  const common = { seq: line, peer_ip: peer.ip, peer_port: peer.port };
  if (raw.kind === 'h2ctl') return { ...common, details: {}, error_code_name: null };
  if (raw.kind === 'tls')
    return {
      ...common,
      upstream_local: upstreamLocal,
      tls: {},
      upstream: {},
      fingerprints: {},
      duration_ms: null,
      alert: null,
      peer_cert: null,
      resumed: false,
      late: raw.outcome === 'fail' && handshakeDone,
      cause: null,
    };
  if (raw.kind === 'conn')
    return {
      ...common,
      upstream_local: upstreamLocal,
      flags: [],
      cause: null,
      term: null,
      error: null,
      protocol: null,
      bytes_in: null,
      bytes_out: null,
      proxy_tlvs: [],
      proxy_command: null,
      client_end: null,
      upstream_end: null,
      client_close_notify: null,
      upstream_close_notify: null,
    };
  if (raw.kind === 'event') {
    const { path = null } = isObject(raw.request) ? raw.request : {};
    const { status = null } = isObject(raw.response) ? raw.response : {};
    return {
      ...common,
      upstream_local: upstreamLocal,
      tls: {},
      flags: [],
      request: { headers: {}, raw_headers: fieldsOf(raw.request), trailers: [] },
      response: { headers: {}, raw_headers: fieldsOf(raw.response), trailers: [] },
      tid: typeof path === 'string' ? (/[?&]tid=([^&#]*)/.exec(path)?.[1] ?? null) : null,
      trace_id: null,
      cause: null,
      error_code: null,
      error_code_name: null,
      grpc_status: null,
      grpc_message: null,
      grpc_request_messages: null,
      grpc_response_messages: null,
      grpc_timeout_ms: null,
      trailers_only: null,
      informational: [],
      anomalies: [],
      // What nobody asked the server for and has an error is an answer of the proxy's own.
      local_reply: !served && status !== null && raw.error !== null,
      redis: null,
    };
  }
  return common;
}

function fieldsOf(message: unknown): [string, unknown][] {
  return isObject(message) && isObject(message.headers) ? Object.entries(message.headers) : [];
}

function addressParts(socket: string | null): { ip: string; port: number } | null {
  const [, ip, port] = /^\[?(.*?)\]?:(\d+)$/.exec(socket ?? '') ?? [];
  return ip === undefined || port === undefined ? null : { ip, port: Number(port) };
}
