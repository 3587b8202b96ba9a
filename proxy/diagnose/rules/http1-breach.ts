import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { detailOfCause, wordOf } from '../facts/values.ts';
import { closeFact, fact, soundBefore, step } from './parts.ts';
import type { Match, Rule } from './rule.ts';

export const http1Breach: Rule = {
  id: 'http1-breach',
  certainty: 'proof',
  looksFor: 'a side that breaks HTTP/1.1 so that the end of a message cannot be told',
  evidence: 'cause `h1_protocol_error:ANOMALY` on an event or `conn` `close`',
  cause: 'What one side sent breaks HTTP/1.1.',
  advice: 'mend the side that is named; a message whose end is in doubt is how requests are smuggled',
  lookAlikes: {
    'http1-to-h2': 'there the answer is HTTP/2',
    'upstream-expects-tls': 'there the answer is TLS',
    'proxy-header-not-understood': 'there the upstream takes a PROXY header for a request',
  },
  exchange(group, connection) {
    return wordOf(group.cause) === 'h1_protocol_error' ? told(connection, group) : null;
  },
  rest(connection) {
    return wordOf(connection.close?.cause ?? null) === 'h1_protocol_error' ? told(connection, null) : null;
  },
};

function told(connection: Connection, group: ExchangeGroup | null): Match {
  const { close, upstream, clientIp, listener } = connection;
  const anomaly = detailOfCause(group?.cause ?? close?.cause ?? null) ?? 'unknown';
  const error = group?.error ?? close?.error ?? '';
  const byClient = /the client broke/.test(error) || (close?.term?.startsWith('C') ?? false);
  const who = byClient ? `client ${clientIp}` : `upstream ${upstream}`;
  return {
    variant: anomaly.replaceAll('_', '-'),
    title: `${who} breaks HTTP/1.1: ${anomaly}`,
    key: byClient ? `client ${listener}` : upstream,
    evidence: [
      ...(group === null
        ? []
        : [
            fact(
              group,
              {
                'request.method': group.method,
                'request.path': group.path,
                'response.status': group.status,
                cause: group.cause,
                anomalies: group.anomalies,
                bytes_out: group.bytesOut,
              },
              error || anomaly,
            ),
          ]),
      ...closeFact(connection, 'how the connection ended'),
    ],
    ruledOut: soundBefore(connection, 'tls-in', 'tls-out'),
    next: [
      step(`Look at what ${who} sends`, {
        command: byClient ? `tcpdump -A host ${clientIp}` : `curl -v --raw http://${upstream}/`,
      }),
    ],
  };
}
