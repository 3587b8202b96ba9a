import { causes } from '../../../protos/records/causes.ts';
import { endedWell } from '../engine/judgement.ts';
import type { Connection } from '../facts/connection.ts';
import { wordOf } from '../facts/values.ts';
import { closeFact, fact, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

/** The last in the list: what failed is never passed over in silence. */
export const otherFailure: Rule = {
  id: 'other-failure',
  certainty: 'hint',
  looksFor: 'a connection or an exchange that failed in a way no other rule knows',
  evidence: '`conn` `close` whose `term` is no good end, or an event with `error`',
  cause: 'The record tells the cause; no rule knows more.',
  advice: 'read the records of the connection',
  lookAlikes: {},
  exchange(group, connection) {
    if (group.cause === null || group.cause === 'shutdown') return null;
    // Answers to a command that was wrong, and requests given up in words, harm nobody else.
    if (group.cause.startsWith('h2_rst:') || group.cause.startsWith('redis_error:')) return null;
    return {
      title: `exchanges with ${connection.upstream} fail: ${group.error ?? group.cause}`,
      key: `${connection.upstream} ${group.cause}`,
      evidence: [
        fact(
          group,
          {
            protocol: group.protocol,
            'request.path': group.path,
            'response.status': group.status,
            cause: group.cause,
            error: group.error,
          },
          meaning(group.cause),
        ),
        ...closeFact(connection, 'how the connection ended'),
      ],
      ruledOut: soundBefore(connection, 'tls-in', 'upstream', 'tls-out'),
      next: [allRecords(connection)],
    };
  },
  rest(connection) {
    const { close, upstream } = connection;
    if (close === null || endedWell(close.term, close.cause)) return null;
    return {
      title: `connections to ${upstream} end in failure: ${close.error ?? close.cause ?? close.reason ?? 'no reason recorded'}`,
      key: `${upstream} ${close.cause ?? close.reason ?? ''}`,
      evidence: closeFact(connection, meaning(close.cause)),
      ruledOut: soundBefore(connection, 'tls-in', 'upstream', 'tls-out'),
      next: [allRecords(connection)],
    };
  },
};

function meaning(cause: string | null): string {
  const word = wordOf(cause);
  return word !== null && Object.hasOwn(causes, word)
    ? causes[word as keyof typeof causes]
    : 'the cause as recorded';
}

function allRecords(connection: Connection): ReturnType<typeof step> {
  return step('Read all its records', {
    command: `wiretracer query FILE --format text conn=${connection.id}`,
  });
}
