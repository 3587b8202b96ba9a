/** The load by Node's own clients, where h2load is not installed. Slower, so the client may be what is measured. */
import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import type { Load } from './load.ts';

export async function loadByNode(work: Load, port: number): Promise<number> {
  const started = performance.now();
  const connections = Math.min(work.connections, work.requests);
  let left = work.requests;
  const share = () => {
    const own = Math.min(Math.ceil(work.requests / connections), left);
    left -= own;
    return own;
  };
  const oneConnection = work.protocol === 'h2' ? h2Connection : h1Connection;
  await Promise.all(Array.from({ length: connections }, () => oneConnection(work, port, share())));
  return (performance.now() - started) / 1000;
}

async function h2Connection(work: Load, port: number, requests: number): Promise<void> {
  const session = http2.connect(`https://127.0.0.1:${port}`, {
    rejectUnauthorized: false,
    settings: { initialWindowSize: 1 << 24 },
  });
  session.once('connect', () => session.setLocalWindowSize(1 << 26));
  let left = requests;
  const oneStream = async () => {
    while (left-- > 0) {
      const stream = session.request({ ':path': work.path, ':method': work.body ? 'POST' : 'GET' });
      stream.end(work.body ? Buffer.alloc(work.body.bytes) : undefined);
      const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
      const status = (headers as { ':status'?: number })[':status'];
      if (status !== 200) throw new Error(`${work.path}: status ${status}`);
      stream.resume();
      await once(stream, 'end');
    }
  };
  await Promise.all(Array.from({ length: work.streamsPerConnection }, oneStream));
  session.close();
}

async function h1Connection(work: Load, port: number, requests: number): Promise<void> {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  for (let n = 0; n < requests; n++) {
    const request = https.get({ host: '127.0.0.1', port, path: work.path, agent });
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
    if (response.statusCode !== 200) throw new Error(`${work.path}: status ${response.statusCode}`);
    response.resume();
    await once(response, 'end');
  }
  agent.destroy();
}
