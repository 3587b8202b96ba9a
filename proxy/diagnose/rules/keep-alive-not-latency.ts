import { closeFact, fact, step } from './parts.ts';
import type { Rule } from './rule.ts';

/** Below this nobody takes a connection's lifetime for a slow answer. */
const leastIdleMs = 1000;

export const keepAliveNotLatency: Rule = {
  id: 'keep-alive-not-latency',
  severity: 'note',
  certainty: 'proof',
  looksFor:
    'a connection that lived long after its last answer: its `duration_ms` is a lifetime, not a latency',
  evidence:
    '`conn` `close` that ended well with a large `duration_ms`, and events on it whose `duration_ms` are small; the last ended long before',
  cause:
    'The client keeps the connection for its next request. `event.duration_ms` is the latency of a request, `conn.duration_ms` the life of the connection.',
  advice: 'nothing: measure latency on events',
  lookAlikes: {
    deadline: 'there the answer itself does not come',
    'connection-limit': 'many such connections use up the slots of a listener',
  },
  also(connection) {
    const { close, lastSuccess, slowestMs, exchanges } = connection;
    if (close === null || lastSuccess === null || close.ts === null || lastSuccess.endTs === null)
      return null;
    if (connection.groups.size > 0 || !['--', 'c-', 'P-'].includes(close.term ?? '')) return null;
    const idleMs = Math.round((close.ts - lastSuccess.endTs) * 1000);
    if (idleMs < leastIdleMs || idleMs < 2 * slowestMs) return null;
    return {
      title: `connections of listener ${connection.listener} outlive their requests: that is keep-alive, not latency`,
      key: connection.listener,
      evidence: [
        fact(
          lastSuccess,
          { 'request.path': lastSuccess.path, duration_ms: lastSuccess.durationMs },
          exchanges === 1
            ? `the only request; it took ${slowestMs} ms`
            : `the last of ${exchanges} requests; the slowest took ${slowestMs} ms`,
        ),
        ...closeFact(connection, `closed ${idleMs} ms after the last answer`),
      ],
      next: [
        step('Measure latency on events', {
          command: "wiretracer query FILE --format text 'duration_ms>1s -kind=conn'",
        }),
      ],
    };
  },
};
