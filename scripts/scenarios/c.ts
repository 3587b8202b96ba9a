/** C: nginx logs `"PRI * HTTP/2.0" 400`: an HTTP/2 preface came where HTTP/1.1 was expected. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { exchangeBytes, getH1, getH2 } from './clients.ts';
import type { Lab } from './lab.ts';
import { plainListener, tlsListener } from './listeners.ts';
import { startNginx } from './nginx.ts';
import { nginx } from './peers.ts';
import type { Scenario } from './types.ts';

/** RFC 9113 3.4, and an empty SETTINGS frame behind it. */
const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from('000000040000000000', 'hex'),
]);

export const scenario: Scenario = {
  letter: 'C',
  title: 'nginx logs "PRI * HTTP/2.0" 400',
  variants: [
    {
      id: 'C.no-alpn',
      role: 'symptom',
      title: 'over TLS, by a client that offers no ALPN and sends the preface all the same',
      needs: [nginx],
      run: (lab) => overTls(lab, []),
    },
    {
      id: 'C.alpn-ignored',
      role: 'symptom',
      title: 'over TLS, by a client that agreed on http/1.1 and sends the preface all the same',
      needs: [nginx],
      run: (lab) => overTls(lab, ['http/1.1']),
    },
    {
      id: 'C.h2c',
      role: 'symptom',
      title: 'in plaintext, by a client with prior knowledge of HTTP/2',
      needs: [nginx],
      async run(lab) {
        const upstream = await startNginx(lab, {});
        const proxy = await lab.proxy([plainListener('edge', upstream.port)]);
        lab.say(`a client with prior knowledge of HTTP/2: ${await getH2(proxy.port('edge'))}`);
        lab.check('nginx logs the preface as a request', true, logged(await upstream.log(1)));
      },
    },
    {
      id: 'C.healthy',
      role: 'twin',
      title: 'HTTP/1.1 to the same nginx',
      needs: [nginx],
      async run(lab) {
        const upstream = await startNginx(lab, { directives: ['return 200 "well\\n";'] });
        const proxy = await lab.proxy([plainListener('edge', upstream.port)]);
        lab.check('the client is answered', '200', await getH1(proxy.port('edge')));
      },
    },
    {
      id: 'C.http1-to-h2',
      role: 'look-alike',
      title: 'the other way round: HTTP/1.1 to an endpoint that speaks only HTTP/2',
      async run(lab) {
        const server = http2.createServer().listen(0, '127.0.0.1');
        await once(server, 'listening');
        lab.ends(() => server.close());
        const proxy = await lab.proxy([plainListener('edge', (server.address() as AddressInfo).port)]);
        lab.say(`a client of HTTP/1.1: ${await getH1(proxy.port('edge'))}`);
      },
    },
  ],
};

async function overTls(lab: Lab, alpn: string[]): Promise<void> {
  const upstream = await startNginx(lab, { listen: 'ssl' });
  const proxy = await lab.proxy([tlsListener(lab, 'edge', upstream.port)]);
  const ca = readFileSync(`${lab.certs}/ca.crt`, 'utf8');
  const answer = await exchangeBytes(proxy.port('edge'), preface, { ca, alpn });
  lab.say(`the client gets: ${JSON.stringify(answer.subarray(0, 40).toString('latin1'))}`);
  lab.check('nginx logs the preface as a request', true, logged(await upstream.log(1)));
}

const logged = (lines: string[]): boolean => lines.some((line) => line.includes('"PRI * HTTP/2.0" 400'));
