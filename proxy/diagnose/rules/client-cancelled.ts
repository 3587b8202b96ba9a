import { fact, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const clientCancelled: Rule = {
  id: 'client-cancelled',
  severity: 'note',
  certainty: 'proof',
  looksFor: 'requests that the client gave up in words: RST_STREAM CANCEL',
  evidence: 'an event with cause `h2_rst:CANCEL` and `error` "downstream reset: 8", before any deadline',
  cause:
    'The client no longer wanted the answer. That is its right, and how a stream that never ends is left.',
  advice: 'nothing, unless it happens to requests that matter',
  lookAlikes: {
    deadline: 'there its grpc-timeout had passed',
    'timeout-storm': 'many of them at once are a sign',
    'stream-reset': 'CANCEL by the upstream',
  },
  exchange(group, connection) {
    if (group.cause !== 'h2_rst:CANCEL' && group.cause !== 'h2_rst:NO_ERROR') return null;
    if (!group.error?.startsWith('downstream')) return null;
    return {
      title: `clients of listener ${connection.listener} cancel requests`,
      key: connection.listener,
      evidence: [
        fact(
          group,
          {
            'request.path': group.path,
            error: group.error,
            duration_ms: group.durationMs,
            grpc_timeout_ms: group.grpcTimeoutMs,
          },
          'given up by the client',
        ),
      ],
      next: [step('Nothing, if the client means it')],
    };
  },
};
