/** Drive one work against a port and time it: by h2load where it is installed, else by Node's own HTTP/2 client. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import http2 from 'node:http2';
import type { Work } from './works.ts';

export type LoadResult = { seconds: number };

export const loader = spawnSync('h2load', ['--version']).status === 0 ? 'h2load' : 'node:http2';

/** @throws when not every request was answered 200: a figure of a broken run would be a lie. */
export function load(work: Work, port: number): Promise<LoadResult> {
  return loader === 'h2load' ? loadByH2load(work, port) : loadByNode(work, port);
}

async function loadByH2load(work: Work, port: number): Promise<LoadResult> {
  const args = [
    `--requests=${work.requests}`,
    `--clients=${work.connections}`,
    `--max-concurrent-streams=${work.streamsPerConnection}`,
    '--window-bits=24',
    '--connection-window-bits=26',
    `https://127.0.0.1:${port}${work.path}`,
  ];
  const child = spawn('h2load', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  const succeeded = Number(/(\d+) succeeded/.exec(output)?.[1] ?? 0);
  const finished = /finished in ([\d.]+)(ms|s|us)/.exec(output);
  if (succeeded !== work.requests || !finished) {
    throw new Error(`h2load: ${succeeded} of ${work.requests} requests succeeded\n${output}`);
  }
  const scale = { s: 1, ms: 1e-3, us: 1e-6 }[finished[2] as 's' | 'ms' | 'us'];
  return { seconds: Number(finished[1]) * scale };
}

async function loadByNode(work: Work, port: number): Promise<LoadResult> {
  const started = performance.now();
  let left = work.requests;
  const oneConnection = async () => {
    const session = http2.connect(`https://127.0.0.1:${port}`, {
      rejectUnauthorized: false,
      settings: { initialWindowSize: 1 << 24 },
    });
    session.once('connect', () => session.setLocalWindowSize(1 << 26));
    const share = Math.ceil(work.requests / work.connections);
    let own = Math.min(share, left);
    left -= own;
    const oneStream = async () => {
      while (own-- > 0) await get(session, work.path);
    };
    await Promise.all(Array.from({ length: work.streamsPerConnection }, oneStream));
    session.close();
  };
  await Promise.all(Array.from({ length: work.connections }, oneConnection));
  return { seconds: (performance.now() - started) / 1000 };
}

async function get(session: http2.ClientHttp2Session, path: string): Promise<void> {
  const stream = session.request({ ':path': path });
  const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders & { ':status'?: number }];
  if (headers[':status'] !== 200) throw new Error(`GET ${path}: status ${headers[':status']}`);
  stream.resume();
  await once(stream, 'end');
}
