/** B: three Sentinels that do not agree, over TLS that is fine. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../lab.ts';
import { redisSentinel, redisServer } from '../peers.ts';
import type { SeenRecord } from '../records.ts';
import type { Scenario, Variant } from '../types.ts';
import {
  type Credentials,
  master,
  masterPassword,
  type SentinelName,
  sentinels,
  startCluster,
} from './cluster.ts';
import { answered, links, recordedQuorum, type Verdict } from './quorum.ts';

/** What each sentinel answers in the end, and errors on its links. */
type Expected = { quorum: Readonly<Record<SentinelName, Verdict>>; codes: readonly string[]; known: number };

const all = (verdict: Verdict): Expected['quorum'] => ({ s1: verdict, s2: verdict, s3: verdict });
const alone: Verdict = { reached: false, usable: 1 };
const two: Verdict = { reached: true, usable: 2 };
const three: Verdict = { reached: true, usable: 3 };
const passwords = (s1: string | null, s2: string | null, s3: string | null): Credentials['sentinel'] => ({
  s1,
  s2,
  s3,
});
const same = passwords('secret-shared', 'secret-shared', 'secret-shared');
const needs = [redisServer, redisSentinel];
/** Redis counts in seconds; measured here, the slowest variant settles within five. */
const LIMIT_MS = 25_000;

export const scenario: Scenario = {
  letter: 'B',
  title: 'three Sentinels that see no quorum, over TLS that is fine',
  variants: [
    variant('three-passwords', 'symptom', 'every sentinel has another requirepass: each is alone', {
      credentials: {
        sentinel: passwords('secret-first', 'secret-second', 'secret-third'),
        authPass: masterPassword,
      },
      expected: { quorum: all(alone), codes: ['NOAUTH', 'WRONGPASS'], known: 3 },
    }),
    variant('one-differs', 'symptom', 'the requirepass of one sentinel differs: two agree, one is alone', {
      credentials: {
        sentinel: passwords('secret-shared', 'secret-shared', 'secret-other'),
        authPass: masterPassword,
      },
      expected: { quorum: { s1: two, s2: two, s3: alone }, codes: ['NOAUTH', 'WRONGPASS'], known: 3 },
    }),
    variant(
      'one-requires',
      'symptom',
      'one sentinel requires a password, the others have none: it sees them, they not it',
      {
        credentials: { sentinel: passwords(null, null, 'secret-only-mine'), authPass: masterPassword },
        expected: { quorum: { s1: two, s2: two, s3: three }, codes: ['ERR', 'NOAUTH'], known: 3 },
      },
    ),
    variant(
      'wrong-auth-pass',
      'symptom',
      'the sentinels have the wrong password of the master: none finds another',
      {
        credentials: { sentinel: same, authPass: 'secret-of-nobody' },
        expected: { quorum: all(alone), codes: ['NOAUTH', 'WRONGPASS'], known: 1 },
      },
    ),
    variant('channels', 'look-alike', 'the user of the sentinels may use no channel: none finds another', {
      credentials: {
        sentinel: same,
        authUser: 'sentinels',
        authPass: 'secret-of-the-user',
        redis: ['user sentinels on >secret-of-the-user ~* +@all resetchannels'],
      },
      expected: { quorum: all(alone), codes: ['NOPERM'], known: 1 },
    }),
    variant('healthy', 'twin', 'one password for all: three usable sentinels', {
      credentials: { sentinel: same, authPass: masterPassword },
      expected: { quorum: all(three), codes: [], known: 3 },
    }),
    variant(
      'untrusted-ca',
      'look-alike',
      'the proxy does not trust the CA of Redis: no command gets through',
      {
        credentials: { sentinel: same, authPass: masterPassword },
        expected: { quorum: all(alone), codes: [], known: 1 },
        redisCa: 'bad_ca.crt',
      },
    ),
  ],
};

function variant(
  name: string,
  role: Variant['role'],
  title: string,
  made: { credentials: Credentials; expected: Expected; redisCa?: string },
): Variant {
  return {
    id: `B.${name}`,
    role,
    title,
    needs,
    run: (lab) => run(lab, made.credentials, made.expected, made.redisCa),
  };
}

async function run(lab: Lab, credentials: Credentials, expected: Expected, redisCa?: string): Promise<void> {
  const cluster = await startCluster(lab, credentials, redisCa);
  const ask = async (): Promise<Record<string, Verdict | null>> =>
    Object.fromEntries(
      await Promise.all(
        sentinels.map(async (name) => [
          name,
          answered(await cluster.ask(name, 'SENTINEL', 'CKQUORUM', master)),
        ]),
      ),
    );
  const told = () =>
    Object.fromEntries(sentinels.map((name) => [name, recordedQuorum(recordsNow(lab), name)]));
  // Both change while the sentinels find out about each other: what counts is what they come to.
  const end = Date.now() + LIMIT_MS;
  let answers = await ask();
  while (
    !(isEqual(answers, expected.quorum) && isEqual(told(), answers) && seen(lab, expected)) &&
    Date.now() < end
  ) {
    await delay(200);
    answers = await ask();
  }
  const records = recordsNow(lab);
  for (const link of links(records)) lab.say(link);
  lab.check('SENTINEL CKQUORUM', expected.quorum, answers);
  lab.check('quorum by the records, equal to CKQUORUM', answers, told());
  lab.check('errors of Redis', expected.codes, codesOf(records));
  const secrets = [...new Set([...Object.values(credentials.sentinel), credentials.authPass])].filter(
    (secret) => secret !== null,
  );
  const text = readFileSync(lab.records, 'utf8');
  lab.check(
    'passwords in the records',
    [],
    secrets.filter((secret) => text.includes(secret)),
  );
}

function seen(lab: Lab, { codes, known }: Expected): boolean {
  const records = recordsNow(lab);
  const listeners = new Set(records.filter(({ kind }) => kind === 'event').map(({ listener }) => listener));
  return isEqual(codesOf(records), codes) && (known === 1 || listeners.size === sentinels.length + 1);
}

/** Codes that speak of credentials or rights; while it starts a server may also say LOADING. */
function codesOf(records: readonly SeenRecord[]): string[] {
  const codes = records.map(
    ({ redis }) => (redis as { error_code: string | null } | null | undefined)?.error_code,
  );
  return [...new Set(codes)].filter((code) => code !== null && code !== undefined).sort();
}

function recordsNow(lab: Lab): SeenRecord[] {
  const lines = readFileSync(lab.records, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as SeenRecord);
}

const isEqual = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
