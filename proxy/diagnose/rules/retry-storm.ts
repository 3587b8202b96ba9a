import { step } from './parts.ts';
import type { Rule } from './rule.ts';
import { secondsOf, stormMatch } from './storm-rule.ts';

const leastFailures = 20;
const leastShare = 0.8;
const leastPerSecond = 2;

export const retryStorm: Rule = {
  id: 'retry-storm',
  certainty: 'hint',
  looksFor: 'a client that tries again and again, at once, what fails every time',
  evidence: `${leastFailures} or more failures of one client at one upstream, ${leastShare * 100} % of its attempts, ${leastPerSecond} a second or more, in a row`,
  cause:
    'The client retries without back-off, or the back-off begins anew with every connection: the load of an upstream that is down grows.',
  advice: 'back off exponentially with jitter, and cap the retries',
  lookAlikes: {
    'timeout-storm': 'there every attempt waits for its deadline',
    'connection-limit': 'there the attempts do not get as far as failing',
  },
  overall(totals) {
    return [...totals.flows.all()].flatMap((flow) => {
      const { failures, attempts, longestRow, client, upstream } = flow;
      const perSecond = failures / secondsOf(flow);
      if (failures < leastFailures || failures / attempts < leastShare) return [];
      if (longestRow < leastFailures || perSecond < leastPerSecond || flow.timeouts > failures / 2) return [];
      return [
        stormMatch(flow, {
          title: `${client} tries ${upstream} ${failures} times in vain, ${perSecond.toFixed(1)} times a second`,
          count: failures,
          says: `${failures} of ${attempts} attempts failed, ${longestRow} in a row`,
          next: [
            step('Mend what fails first: the findings about this upstream'),
            step('Let the client back off: exponential, with jitter, with a cap', {
              config:
                'gRPC: "retryPolicy": { "maxAttempts": 4, "initialBackoff": "0.5s", "maxBackoff": "30s", "backoffMultiplier": 2 }',
            }),
          ],
        }),
      ];
    });
  },
};
