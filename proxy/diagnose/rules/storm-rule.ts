import type { Flow } from '../engine/flows.ts';
import { fact, ruledOut, type step } from './parts.ts';
import type { OverallMatch } from './rule.ts';

/** Seconds between the first failure and the last; a burst has lasted a second at least. */
export function secondsOf(flow: Flow): number {
  if (flow.firstTs === null || flow.lastTs === null) return 1;
  return Math.max(1, flow.lastTs - flow.firstTs);
}

/** A finding about one client that hammers one upstream. */
export function stormMatch(
  flow: Flow,
  told: { title: string; count: number; says: string; next: ReturnType<typeof step>[] },
): OverallMatch {
  const { client, listener, upstream } = flow;
  return {
    title: told.title,
    key: `${client} ${listener} ${upstream}`,
    evidence: [
      ...(flow.first === null
        ? []
        : [
            fact(
              flow.first,
              { client_ip: client, failures: flow.failures, attempts: flow.attempts },
              `${told.says}; the first`,
            ),
          ]),
      ...(flow.last === null || flow.last === flow.first
        ? []
        : [fact(flow.last, { client_ip: client, failures_in_a_row: flow.longestRow }, 'the last of them')]),
    ],
    ruledOut: [
      ruledOut(
        'many clients at once',
        `all of them come from ${client}; a balancer would look the same: see proxy_version`,
      ),
    ],
    next: told.next,
    unit: 'exchanges',
    count: told.count,
    of: flow.attempts,
    since: flow.firstTs,
    until: flow.lastTs,
    clients: [client],
    listeners: [listener],
    upstreams: [upstream],
  };
}
