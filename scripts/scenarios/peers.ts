/** The real programs scenarios are made of, and how each comes to a machine. */
import { spawnSync } from 'node:child_process';
import type { Peer } from './types.ts';

export const nginx = debian('nginx', 'nginx-light');
export const haproxy = debian('haproxy', 'haproxy');
export const h2o = debian('h2o', 'h2o');
export const curl = debian('curl', 'curl');
export const openssl = debian('openssl', 'openssl');
export const redisServer = debian('redis-server', 'redis-server');
export const redisSentinel = debian('redis-sentinel', 'redis-sentinel');
export const pythonGrpc: Peer = {
  program: 'python3 with grpcio',
  install: 'apt-get install -y python3-grpcio',
  // Debian's own interpreter: another one on the PATH does not see Debian's packages.
  present: () => spawnSync('/usr/bin/python3', ['-c', 'import grpc'], { stdio: 'ignore' }).status === 0,
};
export const grpcurl: Peer = {
  program: 'grpcurl',
  install: 'go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3',
  present: () => grpcurlPath() !== null,
};

export const peers: readonly Peer[] = [
  nginx,
  haproxy,
  h2o,
  curl,
  openssl,
  redisServer,
  redisSentinel,
  pythonGrpc,
  grpcurl,
];

/** Where `go install` puts it is often not on the PATH. */
export function grpcurlPath(): string | null {
  const home = process.env.HOME ?? '/root';
  const places = ['grpcurl', `${process.env.GOBIN ?? `${home}/go/bin`}/grpcurl`];
  return places.find((path) => runs(path, '-version')) ?? null;
}

function debian(program: string, name: string): Peer {
  const argument = program === 'nginx' || program === 'haproxy' ? '-v' : '--version';
  return { program, install: `apt-get install -y ${name}`, present: () => runs(program, argument) };
}

function runs(program: string, argument: string): boolean {
  return spawnSync(program, [argument], { stdio: 'ignore' }).error === undefined;
}
