import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { ownEntry } from '../own-entry.ts';
import { fact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Match, Rule } from './rule.ts';

const ways: Readonly<Record<string, { variant: string; says: string; next: ReturnType<typeof step>[] }>> = {
  NOAUTH: {
    variant: 'noauth',
    says: 'wants a password and gets none',
    next: [
      step(
        'Give the client the password; for Sentinel the one towards the master, and the one among sentinels',
        {
          config:
            'sentinel.conf: sentinel auth-pass mymaster …   requirepass …   sentinel sentinel-pass …   redis.conf: masterauth …',
        },
      ),
    ],
  },
  WRONGPASS: {
    variant: 'wrongpass',
    says: 'does not accept the user or the password',
    next: [
      step(
        'Make the passwords equal on both ends: sentinels use their own requirepass towards each other, unless sentinel-pass says otherwise',
        {
          config: 'sentinel.conf: requirepass …   sentinel sentinel-pass …   sentinel auth-pass mymaster …',
        },
      ),
      step('Look at the user', { command: 'redis-cli --tls ACL LIST; redis-cli --tls ACL LOG' }),
    ],
  },
  ERR: {
    variant: 'no-password-set',
    says: 'has no password and gets one',
    next: [
      step('Set the same password everywhere, or take it away on the side that sends it', {
        config: 'requirepass …',
      }),
    ],
  },
};

export const redisRefusesCredentials: Rule = {
  id: 'redis-refuses-credentials',
  certainty: 'proof',
  looksFor: 'Redis or Sentinel that refuses the password of whoever asks, over TLS that is fine',
  evidence:
    'events of protocol redis with the error NOAUTH, WRONGPASS, or ERR AUTH without any password configured',
  cause:
    'TLS succeeded on both legs and Redis refuses the credentials: requirepass, masterauth, sentinel auth-pass or sentinel-pass differ.',
  advice: 'make the passwords equal on both ends; the variant says which one is missing or wrong',
  variants: {
    noauth: 'no password was sent',
    wrongpass: 'another password, or user, than the one configured',
    'no-password-set': 'a password was sent to a server without one',
  },
  lookAlikes: {
    'redis-forbids': 'there the user is known and may not do it',
    'upstream-wants-client-cert': 'Redis requires client certificates by default: tls-auth-clients',
  },
  exchange(group, connection) {
    const { redis } = group;
    const way = ownEntry(ways, redis?.code === 'NOAUTH' ? wordBefore(connection) : (redis?.code ?? ''));
    if (redis === null || way === undefined) return null;
    if (redis.code === 'ERR' && !/AUTH .*without any password/i.test(redis.error ?? '')) return null;
    return redisMatch(way, group, connection);
  },
};

/** Whoever was refused with a password goes on without one: the refusal is what is wrong. */
function wordBefore(connection: Connection): string {
  const codes = [...connection.groups.values()].map(({ redis }) => redis?.code);
  return codes.includes('WRONGPASS') ? 'WRONGPASS' : 'NOAUTH';
}

export function redisMatch(
  way: { variant: string; says: string; next: ReturnType<typeof step>[] },
  group: ExchangeGroup,
  connection: Connection,
): Match {
  const { upstream, tlsIn, tlsOut } = connection;
  return {
    variant: way.variant,
    title: `Redis at ${upstream} ${way.says}${group.redis?.command ? ` (${group.redis.command})` : ''}`,
    key: upstream,
    evidence: [
      fact(
        group,
        {
          protocol: 'redis',
          'redis.command': group.redis?.command,
          'redis.error_code': group.redis?.code,
          'redis.error_text': group.redis?.error,
          'redis.client_name': group.redis?.clientName,
          'redis.channel': group.redis?.channel,
        },
        'the reply of Redis itself',
      ),
      ...(tlsIn === null ? [] : [handshakeFact(tlsIn, 'TLS with the client')]),
      ...(tlsOut === null ? [] : [handshakeFact(tlsOut, 'TLS with Redis')]),
    ],
    ruledOut: [
      ...soundBefore(connection, 'tls-in', 'tls-out'),
      ruledOut('network and TLS', 'Redis answered over both', group),
    ],
    next: way.next,
  };
}
