import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, startChild } from '../children.ts';
import { openFileLimit } from '../open-files.ts';
import { accepting, freePort, type Subject, subject } from './subject.ts';
import type { Setting } from './wiretracer.ts';

export const haproxyInstalled = installed('haproxy', '-v');

/** HAProxy as a layer-4 TLS relay: the ciphers and the forwarding of C, and no look at what it forwards. */
export async function startHaproxy(setting: Setting): Promise<Subject> {
  const { certs, folder, upstreamPort, alpn } = setting;
  const pem = join(folder, 'haproxy.pem');
  writeFileSync(
    pem,
    readFileSync(join(certs, 'server.crt'), 'utf8') + readFileSync(join(certs, 'server.key'), 'utf8'),
    { mode: 0o600 },
  );
  const port = await freePort();
  const config = join(folder, `haproxy-${port}.cfg`);
  // Two descriptors a connection, and some of its own.
  const maxconn = Math.min(12_000, (openFileLimit() - 100) >> 1);
  writeFileSync(
    config,
    `global
  nbthread 1
  maxconn ${maxconn}
defaults
  mode tcp
  timeout connect 5s
  timeout client 10m
  timeout server 10m
listen bench
  bind 127.0.0.1:${port} ssl crt ${pem} alpn ${alpn}
  server up 127.0.0.1:${upstreamPort} ssl verify none alpn ${alpn} sni str(localhost)
`,
  );
  const child = startChild('haproxy', ['-q', '-db', '-f', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await accepting(port, child);
  return subject('HAProxy', child, port);
}
