import { detailOfCause, wordOf } from '../facts/values.ts';
import { h2Codes, variantOf, wordsOf } from './h2-codes.ts';
import { fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const streamReset: Rule = {
  id: 'stream-reset',
  certainty: 'proof',
  looksFor: 'RST_STREAM that ended a request before its answer was complete, with its code in words',
  evidence:
    'an event with cause `h2_rst:CODE`; `error` says from which side; `error_code`, `error_code_name`',
  cause: 'One side gave the request up; the code says why.',
  advice: 'the variant is the code: see what it means and which side sent it',
  lookAlikes: {
    goaway: 'there the whole connection is given up',
    'client-cancelled': 'CANCEL by the client, which is its right',
    deadline: 'CANCEL by the client when its grpc-timeout has passed',
  },
  exchange(group, connection) {
    if (wordOf(group.cause) !== 'h2_rst') return null;
    const code = detailOfCause(group.cause) ?? 'unknown';
    const byUpstream = group.error?.startsWith('upstream') ?? false;
    if (!byUpstream && (code === 'CANCEL' || code === 'NO_ERROR')) return null;
    const { upstream, clientIp, listener } = connection;
    const { says, next } = wordsOf(code);
    const who = byUpstream ? `upstream ${upstream}` : `client ${clientIp}`;
    return {
      variant: variantOf(code),
      title: `${who} resets requests with ${code}: ${says}`,
      key: byUpstream ? upstream : `client ${listener}`,
      evidence: [
        fact(
          group,
          {
            protocol: group.protocol,
            'request.path': group.path,
            'request.stream_id': group.streamIds[0],
            error: group.error,
            error_code_name: group.errorCodeName,
            'response.status': group.status,
            bytes_out: group.bytesOut,
            duration_ms: group.durationMs,
          },
          group.status === null ? 'before response headers' : 'in the middle of the response',
        ),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'tls-out'),
        ruledOut(
          byUpstream ? 'a client that gave up' : 'a failing upstream',
          `the reset came from the ${byUpstream ? 'upstream' : 'client'}`,
          group,
        ),
        ...(connection.successes > 0 && connection.lastSuccess !== null
          ? [
              ruledOut(
                'the connection as a whole',
                `${connection.successes} other requests on it were answered`,
                connection.lastSuccess,
              ),
            ]
          : []),
      ],
      next: [step(next)],
    };
  },
  text(line) {
    const found = /RST_STREAM (?:with (?:error )?code |code )(\d+)|Received RST_STREAM with code (\d+)/i.exec(
      line,
    );
    if (found === null) return null;
    const code = Object.keys(h2Codes)[Number(found[1] ?? found[2])] ?? 'unknown';
    const { says, next } = wordsOf(code);
    return {
      variant: variantOf(code),
      certainty: 'hint',
      title: `a stream was reset with ${code}, as this line says: ${says}`,
      key: `text ${code}`,
      evidence: [],
      next: [step(next)],
    };
  },
};
