import { step } from './parts.ts';
import { redisMatch } from './redis-refuses-credentials.ts';
import type { Rule } from './rule.ts';

export const redisForbids: Rule = {
  id: 'redis-forbids',
  certainty: 'proof',
  looksFor: 'a Redis user who is known and may not run a command, or use a key or a channel (ACL)',
  evidence: 'events of protocol redis with the error NOPERM',
  cause:
    'The ACL of the Redis user lacks a right. For Sentinel it is most often the channel `__sentinel__:hello`.',
  advice: 'add the right: a command, a key pattern, or a channel',
  variants: { channel: 'SUBSCRIBE, PSUBSCRIBE or PUBLISH', command: 'any other command or key' },
  lookAlikes: { 'redis-refuses-credentials': 'there the user is not accepted at all' },
  exchange(group, connection) {
    const { redis } = group;
    if (redis?.code !== 'NOPERM') return null;
    const channel =
      /^(?:S|P|SP)?(?:SUBSCRIBE|PUBLISH)$/i.test(redis.command ?? '') ||
      /channel/i.test(redis.error ?? '') ||
      redis.channel !== null;
    return redisMatch(
      {
        variant: channel ? 'channel' : 'command',
        says: channel ? 'does not let the user use a channel' : 'does not let the user do it',
        next: [
          channel
            ? step('Allow the channel; Sentinel needs __sentinel__:hello', {
                command: 'redis-cli ACL SETUSER sentinel-user "&__sentinel__:hello"',
              })
            : step('Allow the command or the key', {
                command: `redis-cli ACL SETUSER user +${(redis.command ?? 'command').toLowerCase()} "~*"`,
              }),
          step('See what was refused', { command: 'redis-cli ACL LOG' }),
        ],
      },
      group,
      connection,
    );
  },
};
