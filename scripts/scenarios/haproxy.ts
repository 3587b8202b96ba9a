/** HAProxy in TCP mode in front of the proxy, with a log of its own clients. */
import { join } from 'node:path';
import type { Lab } from './lab.ts';

/** `sends` is what stands behind the server's address: `send-proxy`, `send-proxy-v2` or nothing. */
export async function startHaproxy(
  lab: Lab,
  to: number,
  sends: string,
): Promise<{ port: number; log: string }> {
  const port = await lab.port();
  const ready = await lab.port();
  const config = lab.file(
    'haproxy.cfg',
    `global
  log stdout format raw local0
defaults
  mode tcp
  log global
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend balancer
  bind 127.0.0.1:${port}
  log-format "%ci:%cp"
  default_backend proxy
# Asked whether HAProxy is there, so that the proxy is not.
frontend ready
  mode http
  no log
  bind 127.0.0.1:${ready}
backend proxy
  server wiretracer 127.0.0.1:${to} ${sends}
`,
  );
  await lab.program('haproxy', 'haproxy', ['-db', '-f', config], ready);
  lab.addresses.set('haproxy', `127.0.0.1:${port}`);
  return { port, log: join(lab.folder, 'haproxy.log') };
}
