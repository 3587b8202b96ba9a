/** G: does a PROXY header reach the upstream, and does the upstream understand it? */
import { userInfo } from 'node:os';
import { exchangeBytes } from './clients.ts';
import type { Lab } from './lab.ts';
import { plainListener } from './listeners.ts';
import { startNginx } from './nginx.ts';
import { h2o, nginx } from './peers.ts';
import { recordsOf } from './records.ts';
import type { Scenario } from './types.ts';

const request = 'GET / HTTP/1.1\r\nHost: story\r\nConnection: close\r\n\r\n';
const v1 = Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 51234 443\r\n');
/** The same as v2: signature, PROXY over TCP4, 12 bytes of addresses. */
const v2 = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000207c6336401c82201bb', 'hex');

export const scenario: Scenario = {
  letter: 'G',
  title: 'is the PROXY header passed on, and does the upstream understand it?',
  variants: [
    {
      id: 'G.v2-to-h2o',
      role: 'symptom',
      title: 'a v2 header to h2o, which speaks only v1',
      needs: [h2o],
      async run(lab) {
        const proxy = await lab.proxy([plainListener('edge', await startH2o(lab))]);
        const answer = await exchangeBytes(proxy.port('edge'), Buffer.concat([v2, Buffer.from(request)]));
        lab.say(`the client gets: ${JSON.stringify(firstLine(answer))}`);
        lab.check('the header was forwarded as v2', ['v2'], await versions(lab));
      },
    },
    {
      id: 'G.header-to-plain-nginx',
      role: 'symptom',
      title: 'a v1 header to an nginx that expects none',
      needs: [nginx],
      async run(lab) {
        const upstream = await startNginx(lab, {});
        const proxy = await lab.proxy([plainListener('edge', upstream.port)]);
        const answer = await exchangeBytes(proxy.port('edge'), Buffer.concat([v1, Buffer.from(request)]));
        lab.say(`the client gets: ${JSON.stringify(firstLine(answer))}`);
        lab.check('the header was forwarded as v1', ['v1'], await versions(lab));
      },
    },
    {
      id: 'G.v1-to-nginx',
      role: 'twin',
      title: 'a v1 header to nginx with proxy_protocol',
      needs: [nginx],
      run: (lab) => toNginx(lab, v1, 'v1'),
    },
    {
      id: 'G.v2-to-nginx',
      role: 'twin',
      title: 'a v2 header to nginx with proxy_protocol',
      needs: [nginx],
      run: (lab) => toNginx(lab, v2, 'v2'),
    },
    {
      id: 'G.v1-to-h2o',
      role: 'twin',
      title: 'a v1 header to h2o',
      needs: [h2o],
      async run(lab) {
        const proxy = await lab.proxy([plainListener('edge', await startH2o(lab))]);
        const answer = await exchangeBytes(proxy.port('edge'), Buffer.concat([v1, Buffer.from(request)]));
        lab.check('h2o answers', 'HTTP/1.1 200 OK', firstLine(answer));
      },
    },
    {
      id: 'G.broken-header',
      role: 'look-alike',
      title: 'a header that is broken itself: no upstream would understand it',
      needs: [nginx],
      async run(lab) {
        const upstream = await startNginx(lab, { listen: 'proxy_protocol' });
        const proxy = await lab.proxy([plainListener('edge', upstream.port)]);
        await exchangeBytes(
          proxy.port('edge'),
          `PROXY TCP4 192.0.2.700 198.51.100.1 51234 443\r\n${request}`,
        );
      },
    },
  ],
};

async function toNginx(lab: Lab, header: Buffer, version: string): Promise<void> {
  const upstream = await startNginx(lab, {
    listen: 'proxy_protocol',
    directives: ['return 200 "well\\n";'],
    format: '$proxy_protocol_addr:$proxy_protocol_port',
  });
  const proxy = await lab.proxy([plainListener('edge', upstream.port)]);
  const answer = await exchangeBytes(proxy.port('edge'), Buffer.concat([header, Buffer.from(request)]));
  lab.check('nginx answers', 'HTTP/1.1 200 OK', firstLine(answer));
  lab.check('nginx was told the client', ['192.0.2.7:51234'], await upstream.log(1));
  lab.check('the version recorded', [version], await versions(lab));
}

async function versions(lab: Lab): Promise<unknown[]> {
  const opened = (await recordsOf(lab, 1)).filter(({ event }) => event === 'open');
  return opened.map((record) => record.proxy_version);
}

async function startH2o(lab: Lab): Promise<number> {
  const port = await lab.port();
  const config = lab.file(
    'h2o.conf',
    `listen:
  host: 127.0.0.1
  port: ${port}
  proxy-protocol: ON
num-threads: 1
# It must be able to read the lab's folder.
user: ${userInfo().username}
hosts:
  default:
    paths:
      /:
        file.dir: ${lab.folder}
`,
  );
  lab.file('index.html', 'well\n');
  await lab.program('h2o', 'h2o', ['-m', 'worker', '-c', config], port);
  return port;
}

const firstLine = (answer: Buffer): string => answer.toString('latin1').split('\r\n')[0]!;
