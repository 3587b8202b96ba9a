/** The quorum as the records tell it: which sentinel reaches which other one, and whom it hears from. */
import type { SeenRecord } from '../records.ts';
import { idOf, quorum, type SentinelName, sentinels } from './cluster.ts';

/** What CKQUORUM says first: whether a failover could be decided, and how many sentinels could take part. */
export type Verdict = { reached: boolean; usable: number };

/** `OK 3 usable Sentinels. …`, `NOQUORUM 1 usable Sentinels. …` */
export function answered(text: string): Verdict | null {
  const [, word, usable] = /^\(?(?:error\) )?(OK|NOQUORUM) (\d+) usable Sentinels/.exec(text.trim()) ?? [];
  return word === undefined ? null : { reached: word === 'OK', usable: Number(usable) };
}

/**
 * A sentinel counts itself and every other one that answers its last PING (sentinel.c, sentinelIsQuorumReachable). It knows
 * of those to which it has ever sent a command; of a majority of all it knows, itself included, it needs the votes.
 */
export function recordedQuorum(records: readonly SeenRecord[], sentinel: SentinelName): Verdict {
  const others = sentinels.filter((name) => name !== sentinel);
  const pings = others.map((name) => commandsOf(records, sentinel, name));
  const known = 1 + pings.filter((commands) => commands.length > 0).length;
  const usable = 1 + pings.filter((commands) => answers(commands)).length;
  return { reached: usable >= quorum && usable >= Math.floor(known / 2) + 1, usable };
}

/** For people: every link, and the last word on it. */
export function links(records: readonly SeenRecord[]): string[] {
  return sentinels.flatMap((from) =>
    ['master', ...sentinels.filter((name) => name !== from)].map((to) => {
      const commands = commandsOf(records, from, to);
      const errors = [
        ...new Set(commands.map(({ redis }) => redis.error_code).filter((code) => code !== null)),
      ];
      const pong = answers(commands) ? 'answers PING' : commands.length === 0 ? 'never tried' : 'no PONG';
      return `${from} -> ${to}: ${pong}${errors.length > 0 ? `, ${errors.sort().join(' ')}` : ''}`;
    }),
  );
}

type RedisEvent = SeenRecord & {
  ts_end: number;
  redis: {
    command: string | null;
    reply_type: string | null;
    error_code: string | null;
    client_name: string | null;
  };
};

function commandsOf(records: readonly SeenRecord[], from: SentinelName, listener: string): RedisEvent[] {
  const name = `sentinel-${idOf(from).slice(0, 8)}-`;
  const all = records.filter(
    (record): record is RedisEvent =>
      record.kind === 'event' && record.protocol === 'redis' && record.listener === listener,
  );
  const own = new Set(
    all.filter(({ redis }) => redis.client_name?.startsWith(name)).map(({ conn_id }) => conn_id),
  );
  return all.filter(({ conn_id }) => own.has(conn_id));
}

function answers(commands: readonly RedisEvent[]): boolean {
  const last = commands.filter(({ redis }) => redis.command === 'PING').at(-1);
  return last !== undefined && last.redis.error_code === null && last.redis.reply_type !== null;
}
