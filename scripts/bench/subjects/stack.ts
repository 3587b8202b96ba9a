/** An upstream and everyone who relays to it. */
import { haproxyInstalled, startHaproxy } from './haproxy.ts';
import { type Subject, startNode } from './subject.ts';
import { startGrpcUpstream, startH1Upstream, startH2Upstream } from './upstream.ts';
import { knowsWorkers, type Setting, startWiretracer } from './wiretracer.ts';

export type StackId = 'h2' | 'h1' | 'grpc';

export type Stack = { upstream: Subject; setting: Setting; subjects: Subject[]; stop: () => Promise<void> };

/** The names figures and goals go by. */
export const names = {
  blind: 'blind relay',
  proxy: 'wiretracer',
  silent: 'wiretracer, recording off',
  workers: 'wiretracer, 2 workers',
  haproxy: 'HAProxy',
} as const;

type Name = (typeof names)[keyof typeof names];

const upstreams = { h2: startH2Upstream, h1: startH1Upstream, grpc: startGrpcUpstream };

/** Starts all of `wanted` that this machine and this checkout have. `nodeFlags` go to the proxy's process. */
export async function startStack(
  id: StackId,
  certs: string,
  folder: string,
  wanted: readonly Name[],
  nodeFlags: string[] = [],
): Promise<Stack> {
  const upstream = await upstreams[id](certs, folder);
  const alpn = id === 'h1' ? 'http/1.1' : 'h2';
  const setting: Setting = { certs, folder, upstreamPort: upstream.port, alpn };
  const starts: Record<Name, () => Promise<Subject> | null> = {
    [names.blind]: () => startNode(names.blind, 'blind-relay.ts', [certs, String(upstream.port), alpn]),
    [names.proxy]: () => startWiretracer(names.proxy, setting, { recording: true, nodeFlags }),
    [names.silent]: () => startWiretracer(names.silent, setting, { recording: false, nodeFlags }),
    [names.workers]: () =>
      knowsWorkers(setting) ? startWiretracer(names.workers, setting, { recording: true, workers: 2 }) : null,
    [names.haproxy]: () => (haproxyInstalled ? startHaproxy(setting) : null),
  };
  const subjects: Subject[] = [];
  for (const name of wanted) {
    const subject = await starts[name]();
    if (subject !== null) subjects.push(subject);
  }
  return {
    upstream,
    setting,
    subjects,
    stop: async () => {
      await Promise.all(subjects.map((subject) => subject.stop()));
      await upstream.stop();
    },
  };
}

export const everyone: readonly Name[] = Object.values(names);
