import { step } from './parts.ts';
import type { Rule } from './rule.ts';
import { stormMatch } from './storm-rule.ts';

const leastTimeouts = 10;
const leastShare = 0.5;

export const timeoutStorm: Rule = {
  id: 'timeout-storm',
  certainty: 'hint',
  looksFor: 'a client most of whose requests run out of time',
  evidence: `${leastTimeouts} or more requests of one client at one upstream that a deadline or a time limit ended, half of its attempts or more`,
  cause:
    'The upstream is slower than the patience of the client: each attempt that is given up and repeated adds to its load.',
  advice: 'find what makes the upstream slow; give deadlines that a request can meet',
  lookAlikes: {
    'retry-storm': 'there the attempts fail at once',
    deadline: 'says at which stage they stand',
  },
  overall(totals) {
    return [...totals.flows.all()].flatMap((flow) => {
      const { timeouts, attempts, client, upstream } = flow;
      if (timeouts < leastTimeouts || timeouts / attempts < leastShare) return [];
      return [
        stormMatch(flow, {
          title: `${timeouts} of ${attempts} requests of ${client} to ${upstream} run out of time`,
          count: timeouts,
          says: `${timeouts} of ${attempts} ended by a deadline or a time limit`,
          next: [
            step('See at which stage they stand: the finding "deadline"'),
            step('See whether the upstream gets slower as more is asked of it', {
              command: `wiretracer query FILE --format text 'upstream="${upstream}" duration_ms>1s -kind=conn'`,
            }),
          ],
        }),
      ];
    });
  },
};
