import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { detailOfCause, wordOf } from '../facts/values.ts';
import { variantOf } from './h2-codes.ts';
import { closeFact, fact, soundBefore, step } from './parts.ts';
import type { Match, Rule } from './rule.ts';

export const http2Breach: Rule = {
  id: 'http2-breach',
  certainty: 'proof',
  looksFor: 'a side that breaks HTTP/2, with the code RFC 9113 asks for',
  evidence:
    'cause `h2_protocol_error:CODE` on an event or `conn` `close`; `h2ctl` `DECODE_ERROR` with text and offset',
  cause: 'What one side sent breaks HTTP/2.',
  advice:
    'update the HTTP/2 library of the side that is named; if it is sound, look for a hop that changes frames',
  lookAlikes: {
    'h2-preface-to-http1': 'there it is no HTTP/2 at all',
    goaway: 'there a side gives up in words',
  },
  exchange(group, connection) {
    return wordOf(group.cause) === 'h2_protocol_error' ? told(connection, group) : null;
  },
  rest(connection) {
    return wordOf(connection.close?.cause ?? null) === 'h2_protocol_error' ? told(connection, null) : null;
  },
};

function told(connection: Connection, group: ExchangeGroup | null): Match {
  const { close, control, upstream, clientIp, listener } = connection;
  const cause = group?.cause ?? close?.cause ?? null;
  const code = detailOfCause(cause) ?? 'unknown';
  const frame = control.frames.find((one) => one.event === 'DECODE_ERROR');
  const says = frame?.text ?? group?.error ?? close?.error ?? 'no detail';
  const byClient =
    frame !== undefined ? frame.from === 'client' : guilty(says, close?.term ?? null) === 'client';
  const who = byClient ? `client ${clientIp}` : `upstream ${upstream}`;
  return {
    variant: variantOf(code),
    ...(cause?.includes(':') ? {} : { certainty: 'hint' as const }),
    title: `${who} breaks HTTP/2: ${says}`,
    key: `${byClient ? `client ${listener}` : upstream} ${says}`,
    evidence: [
      ...(frame === undefined
        ? []
        : [
            fact(
              frame,
              {
                direction: frame.from === 'client' ? 'downstream' : 'upstream',
                h2_event: 'DECODE_ERROR',
                stream_id: frame.streamId,
                'details.error': frame.text,
                error_code_name: frame.codeName,
              },
              'what was found, and where',
            ),
          ]),
      ...(group === null
        ? []
        : [
            fact(
              group,
              {
                'request.path': group.path,
                cause: group.cause,
                error: group.error,
                anomalies: group.anomalies,
              },
              'the request it cost',
            ),
          ]),
      ...closeFact(connection, 'how the connection ended'),
    ],
    ruledOut: soundBefore(connection, 'tls-in', 'tls-out'),
    next: [
      step(`Update the HTTP/2 library of ${who}`),
      step(
        'If it is sound without the hops between, one of them changes frames: compare with a direct connection',
        {
          command: `nghttp -v -n https://${upstream}/`,
        },
      ),
    ],
  };
}

function guilty(text: string, term: string | null): 'client' | 'upstream' {
  const found = /^(client|upstream) broke/.exec(text);
  if (found !== null) return found[1] as 'client' | 'upstream';
  return term?.startsWith('C') ? 'client' : 'upstream';
}
