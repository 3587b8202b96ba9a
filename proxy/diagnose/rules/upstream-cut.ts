import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { ownEntry } from '../own-entry.ts';
import { closeFact, fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Match, Rule } from './rule.ts';

const ways: Readonly<Record<string, { variant: string; says: string }>> = {
  eof_before_headers: { variant: 'no-answer', says: 'closes (FIN) before it answers' },
  truncated: { variant: 'truncated', says: 'closes (FIN) in the middle of its answer' },
  tls_truncated: { variant: 'truncated', says: 'ends TCP without close_notify: its answer may be cut' },
  reset: { variant: 'reset', says: 'resets (RST) while a request is open' },
  connection_terminated: { variant: 'reset', says: 'ends the connection' },
};

export const upstreamCut: Rule = {
  id: 'upstream-cut',
  certainty: 'strong',
  looksFor: 'an upstream that ends the connection while a request is open',
  evidence:
    'cause `eof_before_headers`, `truncated`, `tls_truncated` or `reset` with a term that begins with `S`',
  cause:
    'The upstream ended a connection with a request on it: it crashed, was restarted, ran into a limit, or closed an idle connection at the same moment.',
  advice:
    'read its log at this time; if it happens after idle times, its keep-alive timeout is shorter than the client’s',
  variants: {
    'no-answer': 'FIN before response headers',
    truncated: 'FIN in the middle of the response',
    reset: 'RST',
  },
  lookAlikes: {
    'proxy-header-not-understood': 'an upstream that does not understand a PROXY header closes at once, too',
    goaway: 'there it says so first',
    'client-left': 'there the client ends it',
  },
  exchange(group, connection) {
    const way = ownEntry(ways, group.cause ?? '');
    const { close } = connection;
    if (
      way === undefined ||
      (group.cause === 'reset' && /client reset|FIN from client|RST from client/.test(group.error ?? ''))
    )
      return null;
    if (close?.term?.startsWith('C') && group.cause === 'reset') return null;
    return told(way, connection, group);
  },
  rest(connection) {
    const { close } = connection;
    const way = ownEntry(ways, close?.cause ?? '');
    return way === undefined || !close?.term?.startsWith('S') ? null : told(way, connection, null);
  },
};

function told(
  way: { variant: string; says: string },
  connection: Connection,
  group: ExchangeGroup | null,
): Match {
  const { upstream, successes, lastSuccess, close } = connection;
  const reused = successes > 0;
  return {
    variant: way.variant,
    title: `upstream ${upstream} ${way.says}${reused ? ', on connections it had answered before' : ''}`,
    key: `${upstream}${reused ? ' reused' : ''}`,
    evidence: [
      ...(group === null
        ? []
        : [
            fact(
              group,
              {
                protocol: group.protocol,
                'request.method': group.method,
                'request.path': group.path,
                'response.status': group.status,
                error: group.error,
                bytes_out: group.bytesOut,
                duration_ms: group.durationMs,
              },
              'the request that was open',
            ),
          ]),
      ...closeFact(connection, 'how the connection ended'),
    ],
    ruledOut: [
      ...soundBefore(connection, 'tls-in', 'upstream', 'tls-out'),
      ruledOut('a client that gave up', 'the upstream was the first to end its side', close),
      ...(reused && lastSuccess !== null
        ? [
            ruledOut(
              'an upstream that is down',
              `it answered ${successes} requests on this connection`,
              lastSuccess,
            ),
          ]
        : []),
    ],
    next: [
      step(`Read the log of ${upstream} at this time: a crash, a restart, a limit`),
      ...(connection.tlsOut === null && way.variant === 'no-answer' && !reused
        ? [
            step('If its port is for TLS, say so: OpenSSL closes on plaintext HTTP without a word', {
              config: `upstream: { addr: "${upstream}", tls: true }`,
              command: `openssl s_client -connect ${upstream} </dev/null`,
            }),
          ]
        : []),
      ...(reused
        ? [
            step('Let it keep idle connections longer than the client does', {
              config:
                'nginx: keepalive_timeout 75s; keepalive_requests 10000;   Node: server.keepAliveTimeout = 75000',
            }),
          ]
        : []),
    ],
  };
}
