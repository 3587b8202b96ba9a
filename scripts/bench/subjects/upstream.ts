/** What the load asks for: a server in C where one is installed, so that the upstream is not what is measured. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed, startChild } from '../children.ts';
import { largeBytes, smallBytes } from '../sizes.ts';
import { accepting, freePort, type Subject, startNode, subject } from './subject.ts';

export async function startH2Upstream(certs: string, folder: string): Promise<Subject> {
  if (!installed('nghttpd')) return startNode('node:http2', 'upstream.ts', [certs, 'h2']);
  const port = await freePort();
  const args = [
    '--address=127.0.0.1',
    '--window-bits=24',
    '--connection-window-bits=26',
    `--htdocs=${documents(folder)}`,
    String(port),
    join(certs, 'server.key'),
    join(certs, 'server.crt'),
  ];
  const child = startChild('nghttpd', args, { stdio: 'ignore' });
  await accepting(port, child);
  return subject('nghttpd', child, port);
}

export async function startH1Upstream(certs: string, folder: string): Promise<Subject> {
  if (!installed('nginx', '-v')) return startNode('node:https', 'upstream.ts', [certs, 'h1']);
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/nginx-${kind};`,
  );
  writeFileSync(
    config,
    `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.log;
events { worker_connections 4000; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 10m;
  ${temporary.join('\n  ')}
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${certs}/server.crt;
    ssl_certificate_key ${certs}/server.key;
    root ${documents(folder)};
  }
}
`,
  );
  const child = startChild('nginx', ['-c', config, '-e', join(folder, 'nginx.log')], { stdio: 'ignore' });
  await accepting(port, child);
  return subject('nginx', child, port);
}

export const startGrpcUpstream = (certs: string): Promise<Subject> =>
  startNode('gRPC echo', 'grpc-upstream.ts', [certs]);

/** The folder with `/small` and `/large`. */
function documents(folder: string): string {
  const path = join(folder, 'documents');
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'small'), Buffer.alloc(smallBytes, 's'));
  writeFileSync(join(path, 'large'), Buffer.alloc(largeBytes, 'l'));
  return path;
}
