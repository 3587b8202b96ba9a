import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { ownEntry } from '../own-entry.ts';
import { closeFact, fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Match, Rule } from './rule.ts';

const ways: Readonly<Record<string, { variant: string; says: string }>> = {
  eof: { variant: 'in-request', says: 'close in the middle of their request' },
  client_gone: { variant: 'while-waiting', says: 'leave while the answer is under way' },
  reset: { variant: 'reset', says: 'reset (RST) while a request is open' },
};

export const clientLeft: Rule = {
  id: 'client-left',
  certainty: 'hint',
  looksFor: 'a client that leaves while its request is open, without a deadline the records know of',
  evidence:
    'cause `client_gone`, `eof` or `reset` with a term that begins with `C`; `duration_ms` is how long it waited',
  cause:
    'The client ended the connection before it had its answer: its own timeout, a user who went away, a crash, or a hop between.',
  advice: 'compare how long it waited with its timeouts: the same number again and again is a timeout',
  variants: {
    'in-request': 'before its request was complete',
    'while-waiting': 'before its answer was',
    reset: 'by RST',
  },
  lookAlikes: {
    deadline: 'there the request carries a grpc-timeout, and it had passed',
    'client-cancelled': 'there one stream is given up in words (CANCEL)',
    'upstream-cut': 'there the upstream ends it',
  },
  exchange(group, connection) {
    const way = ownEntry(ways, group.cause ?? '');
    if (way === undefined) return null;
    if (group.cause === 'reset' && !(connection.close?.term?.startsWith('C') ?? true)) return null;
    return told(way, connection, group);
  },
  rest(connection) {
    const { close } = connection;
    const way = ownEntry(ways, close?.cause ?? '');
    return way === undefined || !close?.term?.startsWith('C') ? null : told(way, connection, null);
  },
};

function told(
  way: { variant: string; says: string },
  connection: Connection,
  group: ExchangeGroup | null,
): Match {
  const { listener, upstream } = connection;
  const waited = group?.durationMs ?? null;
  return {
    variant: way.variant,
    title: `clients of listener ${listener} ${way.says}${waited === null ? '' : ` (the first after ${waited} ms)`}`,
    key: `${listener} ${upstream}`,
    evidence: [
      ...(group === null
        ? []
        : [
            fact(
              group,
              {
                protocol: group.protocol,
                'request.path': group.path,
                'response.status': group.status,
                error: group.error,
                duration_ms: group.durationMs,
                bytes_out: group.bytesOut,
              },
              'the request that was open',
            ),
          ]),
      ...closeFact(connection, 'how the connection ended'),
    ],
    ruledOut: [
      ...soundBefore(connection, 'tls-in', 'tls-out'),
      ruledOut(
        'an upstream that ended the connection',
        'the client was the first to end its side',
        connection.close,
      ),
    ],
    next: [
      step('Compare how long they waited with the timeouts of the client', {
        command: `wiretracer query FILE --format text 'listener="${listener}" cause=${group?.cause ?? connection.close?.cause}'`,
      }),
      step(`If ${upstream} is slow, mend that first`),
    ],
  };
}
