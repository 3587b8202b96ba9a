/** Doubles that tell the end of a connection wrongly: who, how, why, in which phase. */
import { randomUUID } from 'node:crypto';
import type { ConnRecord, EventRecord } from '../../../protos/records/records.ts';
import type { RecordDouble, RecordFilter } from '../double.ts';
import { onClose, onEvent, onEvery } from './changes.ts';

export const endings: RecordDouble[] = [
  {
    name: 'completed',
    lie: 'reports every close as completed by the proxy, whoever ended it',
    standsFor: 'wiretracer 1.50: `completed` is what is left when nothing else was set, a cut body included',
    filter: onClose((close) => ({ ...close, closed_by: 'proxy', close_reason: 'completed', flags: [] })),
  },
  {
    name: 'rst-as-fin',
    lie: 'calls every RST a FIN, and what it broke off an end of file',
    standsFor: 'wiretracer 1.50: neg_h1_rst is upstream_fin, neg_client_rst is client_fin',
    filter: onEvery((record) => {
      if (record.kind === 'event') return record.cause === 'reset' ? asCut(record) : record;
      if (record.kind !== 'conn' || record.event !== 'close') return record;
      return {
        ...record,
        close_reason: record.close_reason && asFin(record.close_reason),
        flags: record.flags.map(asFin),
        cause: record.cause === 'reset' ? (cutOf[record.term![1]!] ?? 'eof') : record.cause,
        client_end: record.client_end && 'fin',
        upstream_end: record.upstream_end && 'fin',
      };
    }),
  },
  {
    name: 'rst-behind-fin',
    lie: 'tells of a FIN in front of every RST of the upstream',
    standsFor: 'a proxy that takes the end of its own reading for an end of the upstream',
    filter: onClose((close) =>
      close.close_reason === 'upstream_rst'
        ? {
            ...close,
            close_reason: 'upstream_fin',
            flags: ['upstream_fin', ...close.flags],
            cause: close.cause === 'reset' ? (cutOf[close.term![1]!] ?? 'eof') : close.cause,
            upstream_end: 'fin',
          }
        : close,
    ),
  },
  {
    name: 'truncated-as-completed',
    lie: 'tells a body that was cut as a whole answer, and its connection as completed',
    standsFor:
      'wiretracer 1.50: a truncated HTTP/1.1 response is `completed`, its event 200 without an error',
    filter: onEvery((record) => {
      const cut = record.kind !== 'h2ctl' && /^(tls_)?truncated$/.test(record.cause ?? '');
      if (!cut) return record;
      if (record.kind === 'event') return { ...record, flags: [], error: null, cause: null };
      if (record.kind !== 'conn') return record;
      const completed = { closed_by: 'proxy' as const, close_reason: 'completed', flags: [] };
      return { ...record, ...completed, cause: 'graceful', term: '--', error: null };
    }),
  },
  {
    name: 'open-streams-lost',
    lie: 'writes no event for an exchange that was open when its connection ended',
    standsFor: 'wiretracer 1.50: neg_h2_hang, close_early and truncate leave no event at all',
    filter: onEvent((event) => (event.error === null || event.local_reply ? event : null)),
  },
  {
    name: 'wrong-side',
    lie: 'blames the client for what the upstream did, and the upstream for what the client did',
    standsFor: 'HAProxy #2192 and #693: which end failed cannot be told from the log',
    filter: onClose((close) => ({
      ...close,
      closed_by: close.closed_by && (otherSide[close.closed_by] ?? close.closed_by),
      close_reason: close.close_reason && swapped(close.close_reason),
      flags: close.flags.map(swapped),
      term: close.term && (close.term.replace(/[CScs]/, (letter) => otherLetter[letter]!) as string),
      client_end: close.upstream_end,
      upstream_end: close.client_end,
    })),
  },
  {
    name: 'client-blamed-for-tls',
    lie: 'says that the client ended every failed inbound handshake, also those the proxy refused',
    standsFor: 'wiretracer 1.50: tls_in_fail is always closed_by client; mitmproxy #4678',
    filter: onClose((close) =>
      close.close_reason === 'tls_in_fail' ? { ...close, closed_by: 'client' } : close,
    ),
  },
  {
    name: 'connect-failures-collapsed',
    lie: 'names every failure on the way to the upstream a refused connection',
    standsFor:
      'wiretracer 1.50: DNS, refused, timeout and outbound TLS all collapse into upstream_connect_fail',
    filter: onEvery((record) => {
      const refused = { cause: 'connection_refused' };
      if (record.kind === 'event' && record.local_reply && record.cause !== 'timeout')
        return { ...record, ...refused };
      if (record.kind !== 'conn' || record.close_reason !== 'upstream_connect_fail') return record;
      return { ...record, ...refused, closed_by: 'proxy', term: 'SC' };
    }),
  },
  {
    name: 'refused-as-tls-error',
    lie: 'tells a TCP connection that failed as an outbound TLS handshake that failed',
    standsFor: 'wiretracer 1.50: ECONNREFUSED and DNS errors are tls out fail `ssl_error`',
    filter: () => (record) => {
      const failed = record.kind === 'conn' && record.event === 'close' && /^[Ss]C$/.test(record.term ?? '');
      return failed ? [handshakeThatNeverWas(record), record] : [record];
    },
  },
  {
    name: 'timeouts-swapped',
    lie: 'names the other side in every timeout',
    standsFor: 'wiretracer 1.50: an RST_STREAM or a long poll ends as upstream_read_timeout 30 s later',
    filter: onClose((close) =>
      /^(client|upstream)_(read|idle)_timeout$/.test(close.close_reason ?? '')
        ? {
            ...close,
            close_reason: swapped(close.close_reason!),
            flags: close.flags.map(swapped),
            term: close.term!.replace(/^[cs]/, (letter) => otherLetter[letter]!),
          }
        : close,
    ),
  },
  {
    name: 'late-rejection-hidden',
    lie: 'keeps the alert back with which a TLS 1.3 server refuses the client certificate after the handshake',
    standsFor: 'wiretracer 1.50: `tls out ok`, then `rst`; its own suite fails mtls_h1_upstream_fail for it',
    filter: onEvery((record) => {
      if (record.kind === 'tls' && record.late) return null;
      if (record.kind !== 'conn' || record.cause !== 'client_cert_rejected' || record.term !== 'tC')
        return record;
      return { ...record, cause: 'reset', term: 'SH' };
    }),
  },
  {
    name: 'no-evidence',
    lie: 'ends a connection that failed without a word about why',
    standsFor: 'wiretracer 1.50: last_error is shown on screen and never written to the JSONL',
    filter: onClose((close) => ({ ...close, error: null })),
  },
  {
    name: 'denied-unrecorded',
    lie: 'leaves no record of a peer that the allowlist denies',
    standsFor: 'wiretracer 1.50: an allowlist denial has no row at all, only a counter',
    filter: onClose((close) => (close.cause === 'allowlist_denied' ? null : close)),
  },
  {
    name: 'no-close',
    lie: 'never writes a close record',
    standsFor: 'any proxy that logs an access when it begins',
    filter: onClose(() => null),
  },
  {
    name: 'close-twice',
    lie: 'writes each close record twice',
    standsFor: 'a proxy whose two halves of a connection each report its end',
    filter: () => (record) =>
      record.kind === 'conn' && record.event === 'close'
        ? [record, { ...record, id: randomUUID() }]
        : [record],
  },
  {
    name: 'ends-unknown',
    lie: 'does not tell how either side ended its TCP stream',
    standsFor: 'mitmproxy and mockttp: FIN and RST are not told apart',
    unseen:
      'the proxy answered and ended by itself; whether the FIN of its client came before its record is a race',
    filter: onClose((close) => ({ ...close, client_end: null, upstream_end: null })),
  },
  {
    name: 'flags-lost',
    lie: 'writes every close without flags',
    standsFor: 'wiretracer 1.50: flags are empty for `completed`, `rst`, `protocol_error` and `timeout`',
    filter: onClose((close) => ({ ...close, flags: [] })),
  },
  {
    name: 'last-request-lost',
    lie: 'closes a connection without the target of its last request',
    standsFor:
      'wiretracer 1.50: tls and h2ctl rows never carry tid and path, so failures correlate by time only',
    filter: onClose((close) => ({ ...close, tid: null, path: null })),
  },
];

const cutOf: Record<string, string> = { H: 'eof_before_headers', D: 'truncated', R: 'eof' };
const otherSide = { client: 'upstream', upstream: 'client' } as Record<string, ConnRecord['closed_by']>;
const otherLetter: Record<string, string> = { C: 'S', S: 'C', c: 's', s: 'c' };

function asFin(word: string): string {
  return word.replace(/_rst$/, '_fin');
}

function swapped(word: string): string {
  return word.replace(/^(client|upstream)_/, (_, side: string) => `${otherSide[side]}_`);
}

/** An exchange that a reset broke off, told as one that an end of file did. */
function asCut(event: EventRecord): EventRecord {
  return { ...event, cause: event.response.status === null ? 'eof_before_headers' : 'truncated' };
}

function handshakeThatNeverWas(close: ConnRecord): ReturnType<RecordFilter>[number] {
  const { ts, listener, client_ip, client_port, upstream_addr, conn_id, seq, peer_ip, peer_port } = close;
  return {
    kind: 'tls',
    id: randomUUID(),
    ts,
    listener,
    client_ip,
    client_port,
    side: 'out',
    outcome: 'fail',
    reason: 'ssl_error',
    category: null,
    detail: close.error,
    tls: { sni: null, alpn: null, version: null, cipher: null },
    upstream: { addr: upstream_addr },
    fingerprints: {},
    conn_id,
    seq,
    peer_ip,
    peer_port,
    upstream_local: null,
    duration_ms: 0,
    alert: null,
    peer_cert: null,
    resumed: false,
    late: false,
    cause: 'connection_terminated',
  };
}
