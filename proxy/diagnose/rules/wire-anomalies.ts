import { fact, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const wireAnomalies: Rule = {
  id: 'wire-anomalies',
  severity: 'note',
  certainty: 'proof',
  looksFor: 'requests that were served although something about them is odd on the wire',
  evidence: 'an event without error whose `anomalies` are not empty',
  cause:
    'A message bends the rules of HTTP or gRPC and both sides let it pass. Of framing (cl_and_te, duplicate_host, …) that is how requests are smuggled.',
  advice: 'see what the words mean, and whether hops that read them differently stand in a row',
  lookAlikes: {
    'http1-breach': 'there the end of the message could not be told',
    'http2-breach': 'there RFC 9113 asks for an error',
  },
  exchange(group, connection) {
    if (group.cause !== null || group.anomalies.length === 0 || group.localReply) return null;
    const anomalies = group.anomalies.join(', ');
    return {
      title: `messages through listener ${connection.listener} are odd on the wire: ${anomalies}`,
      key: `${connection.listener} ${anomalies}`,
      evidence: [
        fact(
          group,
          { protocol: group.protocol, 'request.path': group.path, anomalies: group.anomalies },
          'served all the same',
        ),
      ],
      next: [step('Look the words up: the README of the proxy names them')],
    };
  },
};
