/** Drive requests against a port and time them: by h2load where it is installed, else by Node's own clients. */
import { installed, runChild } from '../children.ts';
import { loadByNode } from './node-load.ts';

export type Load = {
  protocol: 'h2' | 'http/1.1';
  path: string;
  requests: number;
  connections: number;
  streamsPerConnection: number;
  /** A file to POST, and its size; left out, a GET. */
  body?: { file: string; bytes: number };
};

export const loader = installed('h2load') ? 'h2load' : 'Node';

/** Seconds from the first connection to the last answer. @throws when not every request was answered 200: its figure would be a lie. */
export function load(work: Load, port: number): Promise<number> {
  return loader === 'h2load' ? loadByH2load(work, port) : loadByNode(work, port);
}

async function loadByH2load(work: Load, port: number): Promise<number> {
  const connections = Math.min(work.connections, work.requests);
  const output = await runChild('h2load', [
    `--requests=${work.requests}`,
    `--clients=${connections}`,
    `--max-concurrent-streams=${work.streamsPerConnection}`,
    '--window-bits=24',
    '--connection-window-bits=26',
    ...(work.protocol === 'http/1.1' ? ['--h1'] : []),
    ...(work.body ? [`--data=${work.body.file}`] : []),
    `https://127.0.0.1:${port}${work.path}`,
  ]);
  return secondsOf(output, work.requests);
}

/** Reads h2load's summary. */
export function secondsOf(output: string, requests: number): number {
  const succeeded = Number(/(\d+) succeeded/.exec(output)?.[1] ?? 0);
  const answered = Number(/status codes: (\d+) 2xx/.exec(output)?.[1] ?? 0);
  const finished = /finished in ([\d.]+)(ms|us|s)/.exec(output);
  if (succeeded !== requests || answered !== requests || !finished) {
    throw new Error(`h2load: ${Math.min(succeeded, answered)} of ${requests} requests succeeded\n${output}`);
  }
  const scale = { s: 1, ms: 1e-3, us: 1e-6 }[finished[2] as 's' | 'ms' | 'us'];
  return Number(finished[1]) * scale;
}
