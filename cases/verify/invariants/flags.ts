import type { ConnRecord, EventRecord, TlsRecord } from '../../../protos/records/records.ts';
import { show } from '../../json.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import { everyExchangeIsRecorded } from '../exchanges.ts';
import type { Mismatch } from '../match.ts';

export const flags: Invariant = {
  name: 'flags',
  witness: 'the vocabulary of 1.50, and the ends, bytes and words of one connection against each other',
  check: (view) =>
    view.connections.flatMap((connection) => [
      ...(connection.close ? closing(connection.close, connection, view) : []),
      ...connection.events.flatMap((event) => exchange(event, view)),
      ...[...connection.tlsIn, ...connection.tlsOut].flatMap(handshake),
    ]),
};

/** Reasons of 1.50 whose flag is another word. */
const flagOfReason: Record<string, string> = {
  proxy_protocol_error: 'client_proxy_protocol_error',
  tls_in_fail: 'client_tls_fail',
};

function closing(
  close: ConnRecord,
  { events, tlsIn, tlsOut }: ConnectionView,
  { evidence }: CaseView,
): Mismatch[] {
  const broken: Mismatch[] = [];
  const { close_reason, term, cause, upstream_local } = close;
  const first = flagOfReason[close_reason ?? ''] ?? close_reason;
  if (close.flags.length > 0 && close.flags[0] !== first)
    broken.push(differs(close, 'flags', `${first} first`, close.flags));
  if (close.flags.length === 0 && close_reason !== 'completed')
    broken.push(differs(close, 'flags', `${first} first`, close.flags));
  for (const side of ['client', 'upstream'] as const) {
    const end = close[`${side}_end`];
    const told = close.flags.filter((flag) => flag === `${side}_fin` || flag === `${side}_rst`);
    if (told.length > 0 && !told.includes(`${side}_${end}`))
      broken.push(differs(close, `${side}_end`, told.join(' or '), end));
    // Flags tell the ends of what was relayed, and nothing was before both handshakes were done.
    if (/^[^TtpPS][^C]|^S[^C]/.test(term ?? '') && end !== null && !told.includes(`${side}_${end}`)) {
      broken.push(differs(close, 'flags', `with ${side}_${end}`, close.flags));
    }
    if (cause === 'graceful' && upstream_local !== null && end !== 'fin') {
      broken.push(differs(close, `${side}_end`, 'fin: the end was graceful', end));
    }
  }
  const known = /^(client|upstream)_(fin|rst)$/;
  for (const flag of close.flags.slice(1))
    if (!known.test(flag)) broken.push(differs(close, 'flags', 'ends after the first', flag));
  const command = { v1: ['PROXY'], v2: ['PROXY', 'LOCAL'] }[close.proxy_version as 'v1' | 'v2'] ?? [null];
  if (!command.includes(close.proxy_command as never)) {
    broken.push(differs(close, 'proxy_command', show(command), close.proxy_command));
  }
  // A certificate that is refused behind the handshake (RFC 8446 4.4.2.4) meets a client that may have begun, with its preface or more.
  const isLate = term?.[0] === 't' && tlsOut.some(({ outcome }) => outcome === 'ok');
  const early = ['p', 'T', 't'].includes(term?.[0] ?? '') && events.length === 0 && !isLate;
  const whole =
    events.length > 0 &&
    events.every(
      (event) => event.protocol === 'http1' && !event.local_reply && event.response.status !== 101,
    );
  for (const key of ['bytes_in', 'bytes_out'] as const) {
    const expected = early ? 0 : events.reduce((sum, event) => sum + event[key], 0);
    if ((early || whole) && close[key] !== expected) {
      broken.push(differs(close, key, `${expected}, the sum of its events`, close[key]));
    }
  }
  const encrypted = evidence.listener.config.tls !== false;
  if (encrypted && !tlsIn.some(({ outcome }) => outcome === 'ok') && close.protocol !== null) {
    broken.push(differs(close, 'protocol', 'null: no handshake', close.protocol));
  }
  for (const key of ['path', 'tid'] as const) {
    if (events.length === 0 && everyExchangeIsRecorded(evidence) && close[key] !== null)
      broken.push(differs(close, key, 'null: no request', close[key]));
  }
  return broken;
}

function handshake(record: TlsRecord): Mismatch[] {
  const broken: Mismatch[] = [];
  const failed = record.outcome === 'fail';
  if (record.duration_ms === null) broken.push(differs(record, 'duration_ms', 'a number', null));
  if (failed && record.resumed) broken.push(differs(record, 'resumed', 'false on fail', true));
  for (const key of ['sni', 'alpn', 'version', 'cipher'] as const) {
    const empty = failed || (key === 'sni' && record.side === 'out');
    if (empty && record.tls[key] !== null)
      broken.push(differs(record, `tls.${key}`, 'null', record.tls[key]));
  }
  if (failed && !reasons[record.side].includes((record.reason ?? '').split(':')[0]!)) {
    broken.push(differs(record, 'reason', `one of ${reasons[record.side].join(' ')}`, record.reason));
  }
  if (failed && record.detail === null) broken.push(differs(record, 'detail', 'the evidence in words', null));
  if (record.category !== null && !/^[a-z_]+$/.test(record.category))
    broken.push(differs(record, 'category', 'a word', record.category));
  return broken;
}

/** Words of 1.50. */
const reasons: Record<TlsRecord['side'], string[]> = {
  in: ['cert_verify_failed', 'tls_error'],
  out: [
    'upstream_connect_timeout',
    'upstream_handshake_timeout',
    'timeout',
    'no_application_protocol',
    'unknown_ca',
    'bad_certificate',
    'handshake_failure',
    'no_shared_cipher',
    'protocol_version',
    'cert_verify_failed',
    'wrongpass',
    'ssl_error',
    'sslctx_build_failed',
  ],
};

/** Captured up to here where the listener sets no limit. */
const bodyLimit = 10 * 1024 * 1024;
const unitMs: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

function exchange(event: EventRecord, { evidence }: CaseView): Mismatch[] {
  const broken: Mismatch[] = [];
  const odd = event.flags.filter((flag) => !['error', 'timeout', 'upgrade', 'push'].includes(flag));
  if (odd.length > 0) broken.push(differs(event, 'flags', 'error, timeout, upgrade or push', odd));
  const wrong = event.informational.filter((status) => status < 100 || status > 199);
  if (wrong.length > 0) broken.push(differs(event, 'informational', 'statuses of 1xx', wrong));
  const limit = Number(evidence.listener.config.logging.body_max_bytes ?? bodyLimit);
  for (const [side, bytes] of [
    ['request', event.bytes_in],
    ['response', event.bytes_out],
  ] as const) {
    if (event[side].body_truncated && bytes < (limit || bodyLimit)) {
      broken.push(differs(event, `${side}.body_truncated`, 'false: below the limit', true));
    }
  }
  const timeout = event.request.raw_headers.find(([name]) => name.toLowerCase() === 'grpc-timeout')?.[1];
  const parsed = /^(\d{1,8})([HMSmun])$/.exec(timeout ?? '');
  const expected = parsed && event.protocol === 'grpc' ? Number(parsed[1]) * unitMs[parsed[2]!]! : null;
  if (event.grpc_timeout_ms !== expected && (timeout === undefined || parsed)) {
    broken.push(differs(event, 'grpc_timeout_ms', show(expected), event.grpc_timeout_ms));
  }
  return broken;
}
