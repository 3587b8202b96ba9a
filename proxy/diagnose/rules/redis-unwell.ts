import { step } from './parts.ts';
import { redisMatch } from './redis-refuses-credentials.ts';
import type { Rule } from './rule.ts';

/** Error replies that say something of the server, not of the command. */
const unwell: Readonly<Record<string, string>> = {
  LOADING: 'is still loading its data',
  MASTERDOWN: 'is a replica whose master is down, and serves no stale data',
  CLUSTERDOWN: 'is a cluster that does not serve all its slots',
  READONLY: 'is a replica and is asked to write',
  MISCONF: 'cannot save and therefore does not write',
  OOM: 'has no memory left',
  NOREPLICAS: 'has too few replicas to write',
  BUSY: 'is busy with a script',
  NOGOODSLAVE: 'has no replica fit to take over',
  INPROG: 'is in the middle of a failover',
};

export const redisUnwell: Rule = {
  id: 'redis-unwell',
  certainty: 'proof',
  looksFor: 'a Redis that answers, and says that it cannot serve',
  evidence: `events of protocol redis with \`redis.error_code\` ${Object.keys(unwell).join(', ')}`,
  cause: 'Network, TLS and credentials are sound; Redis itself says what it lacks.',
  advice: 'look at the server in the way its error names',
  variants: Object.fromEntries(Object.entries(unwell).map(([code, says]) => [code.toLowerCase(), says])),
  lookAlikes: { 'redis-refuses-credentials': 'there it serves, but not whoever asks' },
  exchange(group, connection) {
    const says = unwell[group.redis?.code ?? ''];
    if (says === undefined) return null;
    return redisMatch(
      {
        variant: group.redis!.code!.toLowerCase(),
        says,
        next: [
          step('Ask it', { command: 'redis-cli --tls INFO; redis-cli --tls SENTINEL CKQUORUM mymaster' }),
        ],
      },
      group,
      connection,
    );
  },
};
