/** A Redis and three Sentinels that reach it, and each other, over TLS and through the proxy alone. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { runChild } from '../../bench/children.ts';
import type { Lab } from '../lab.ts';
import { serverTls, upstreamTls } from '../listeners.ts';

export const sentinels = ['s1', 's2', 's3'] as const;
export type SentinelName = (typeof sentinels)[number];

/** The group's name, and how many have to agree that its master is down. */
export const master = 'mymaster';
export const quorum = 2;

export type Credentials = {
  /** `requirepass` of each sentinel; it sends the same to its peers. Null: none. */
  sentinel: Readonly<Record<SentinelName, string | null>>;
  /** What the sentinels send to the master. */
  authUser?: string;
  authPass: string;
  /** Further lines of redis.conf. */
  redis?: readonly string[];
};

export const masterPassword = 'secret-of-the-master';

export type Cluster = {
  /** What a sentinel answers to a command, asked directly. */
  ask(sentinel: SentinelName, ...command: string[]): Promise<string>;
};

/** Chosen here, so that a client's name on the wire (`sentinel-11111111-cmd`) tells which sentinel it is. */
export const idOf = (sentinel: SentinelName): string => sentinel.slice(1).repeat(40);

/** Sentinels ask all ten times a second, so that minutes of theirs pass in seconds. */
const periods = ['info-period', 'ping-period', 'publish-period', 'ask-period'].flatMap((name) => [
  name,
  '200',
]);

/** @param redisCa file of the CA that the proxy trusts for Redis and the sentinels. */
export async function startCluster(lab: Lab, credentials: Credentials, redisCa = 'ca.crt'): Promise<Cluster> {
  const redis = await reserved();
  const places = new Map<SentinelName, Reserved>();
  for (const name of sentinels) places.set(name, await reserved());
  // tls-auth-clients is on unless it is told otherwise: the proxy has to show a certificate.
  const through = (name: string, port: number) => ({
    name,
    tls: serverTls(lab, { alpn: [] }),
    upstream: upstreamTls(lab, port, {
      ca: `${lab.certs}/${redisCa}`,
      client_cert: `${lab.certs}/client.crt`,
      client_key: `${lab.certs}/client.key`,
    }),
  });
  const proxy = await lab.proxy([
    through('master', redis.port),
    ...sentinels.map((name) => through(name, places.get(name)!.port)),
  ]);
  const redisConf = lab.file(
    'redis.conf',
    lines([
      ...common(lab, redis.port),
      `requirepass ${masterPassword}`,
      'save ""',
      ...(credentials.redis ?? []),
    ]),
  );
  await redis.release();
  await lab.program('redis-server', 'redis-server', [redisConf], redis.port);
  for (const name of sentinels) {
    const { port, release } = places.get(name)!;
    const password = credentials.sentinel[name];
    const conf = lab.file(
      `${name}.conf`,
      lines([
        ...common(lab, port),
        'tls-replication yes',
        `sentinel myid ${idOf(name)}`,
        'sentinel announce-ip 127.0.0.1',
        `sentinel announce-port ${proxy.port(name)}`,
        `sentinel monitor ${master} 127.0.0.1 ${proxy.port('master')} ${quorum}`,
        `sentinel down-after-milliseconds ${master} 2000`,
        `sentinel auth-pass ${master} ${credentials.authPass}`,
        ...(credentials.authUser === undefined
          ? []
          : [`sentinel auth-user ${master} ${credentials.authUser}`]),
        ...(password === null ? [] : [`requirepass ${password}`]),
      ]),
    );
    await release();
    await lab.program(name, 'redis-sentinel', [conf], port);
  }
  const ask = (name: SentinelName, ...command: string[]) =>
    redisCli(lab, places.get(name)!.port, credentials.sentinel[name], command);
  for (const name of sentinels) await ask(name, 'SENTINEL', 'DEBUG', ...periods);
  return { ask };
}

type Reserved = { port: number; release(): Promise<void> };

/** A port that nobody else is given until it is released: the proxy takes free ones too, and must know this one before. */
async function reserved(): Promise<Reserved> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async release() {
      server.close();
      await once(server, 'close');
    },
  };
}

function common(lab: Lab, port: number): string[] {
  return [
    'bind 127.0.0.1',
    'port 0',
    `tls-port ${port}`,
    `tls-cert-file ${lab.certs}/server.crt`,
    `tls-key-file ${lab.certs}/server.key`,
    `tls-ca-cert-file ${lab.certs}/ca.crt`,
    `dir ${lab.folder}`,
  ];
}

/** The password goes through the environment: arguments are for everybody to read. */
function redisCli(
  lab: Lab,
  port: number,
  password: string | null,
  command: readonly string[],
): Promise<string> {
  const { certs } = lab;
  const tls = [
    '--tls',
    '--cacert',
    `${certs}/ca.crt`,
    '--cert',
    `${certs}/client.crt`,
    '--key',
    `${certs}/client.key`,
  ];
  const env = { ...process.env, ...(password === null ? {} : { REDISCLI_AUTH: password }) };
  return runChild('redis-cli', ['-h', '127.0.0.1', '-p', String(port), ...tls, ...command], { env }, [0, 1]);
}

const lines = (all: readonly string[]): string => `${all.join('\n')}\n`;
