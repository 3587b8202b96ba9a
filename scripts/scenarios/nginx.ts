/** nginx with one server block, in the foreground, with everything it writes in the lab's folder. */
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { untilFile } from './until-file.ts';

export type Nginx = {
  port: number;
  /** The lines of its access log, once there are so many: nginx writes one after its answer. @throws after 5 s. */
  log(lines: number): Promise<string[]>;
};

/** `listen` stands behind the address (`ssl`, `proxy_protocol`), `directives` in the server block, `http` around it. */
export async function startNginx(
  lab: Lab,
  { name = 'nginx', listen = '', directives = [] as string[], http = [] as string[], format = '' },
): Promise<Nginx> {
  const port = await lab.port();
  const path = (suffix: string) => join(lab.folder, `${name}.${suffix}`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const logFormat = format === '' ? 'combined' : 'story';
  const config = lab.file(
    `${name}.conf`,
    `daemon off;
master_process off;
pid ${path('pid')};
error_log ${path('error.log')} info;
events {}
http {
  ${format === '' ? '' : `log_format story '${format}';`}
  access_log ${path('access.log')} ${logFormat};
  ${temporary.map((kind) => `${kind}_temp_path ${path(kind)};`).join('\n  ')}
  ${http.join('\n  ')}
  server {
    listen 127.0.0.1:${port} ${listen};
    ssl_certificate ${lab.certs}/server.crt;
    ssl_certificate_key ${lab.certs}/server.key;
    ${directives.join('\n    ')}
  }
}
`,
  );
  await lab.program(name, 'nginx', ['-c', config, '-e', path('error.log')], port);
  return {
    port,
    log: (lines) =>
      untilFile(path('access.log'), `${lines} requests`, (all) => (all.length < lines ? null : all)),
  };
}
