/** F: clients come through a TCP balancer, and the logs have the balancer's address. */
import { readFileSync } from 'node:fs';
import { type ClientTls, getH1 } from './clients.ts';
import { startHaproxy } from './haproxy.ts';
import type { Lab } from './lab.ts';
import { plainUpstream, serverTls } from './listeners.ts';
import { startNginx } from './nginx.ts';
import { haproxy, nginx } from './peers.ts';
import { recordsOf } from './records.ts';
import type { Scenario } from './types.ts';

const CLIENTS = 12;
const client = (number: number): string => `127.0.1.${number + 1}`;
/** Three programs: their ClientHellos differ as those of different programs do. */
const kinds: Partial<ClientTls>[] = [
  {},
  { maxVersion: 'TLSv1.2' },
  { ciphers: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256' },
];

export const scenario: Scenario = {
  letter: 'F',
  title: 'clients come through a TCP balancer, and the logs have the balancer’s address',
  variants: [
    {
      id: 'F.no-header',
      role: 'symptom',
      title: 'HAProxy in TCP mode that sends no PROXY header: every client is the balancer',
      needs: [haproxy, nginx],
      run: (lab) => balanced(lab, '', 'none'),
    },
    {
      id: 'F.v1',
      role: 'twin',
      title: 'HAProxy with send-proxy',
      needs: [haproxy, nginx],
      run: (lab) => balanced(lab, 'send-proxy', 'v1'),
    },
    {
      id: 'F.v2',
      role: 'twin',
      title: 'HAProxy with send-proxy-v2',
      needs: [haproxy, nginx],
      run: (lab) => balanced(lab, 'send-proxy-v2', 'v2'),
    },
    {
      id: 'F.required',
      role: 'look-alike',
      title: 'HAProxy that sends none to a listener that requires one: nobody is served',
      needs: [haproxy, nginx],
      run: (lab) => balanced(lab, '', null),
    },
  ],
};

/** Twelve clients, each from an address of its own, through HAProxy and the proxy to nginx. */
async function balanced(lab: Lab, sends: string, version: 'none' | 'v1' | 'v2' | null): Promise<void> {
  const upstream = await startNginx(lab, {
    listen: version === 'v1' || version === 'v2' ? 'proxy_protocol' : '',
    directives: ['return 200 "well\\n";'],
    format: '$remote_addr $proxy_protocol_addr',
  });
  const proxy = await lab.proxy([
    {
      name: 'edge',
      tls: serverTls(lab),
      proxy_protocol: { mode: version === null ? 'required' : 'auto' },
      upstream: plainUpstream(upstream.port),
    },
  ]);
  const ca = readFileSync(`${lab.certs}/ca.crt`, 'utf8');
  const balancer = await startHaproxy(lab, proxy.port('edge'), sends);
  const answers = new Set<string>();
  for (let number = 0; number < CLIENTS; number++)
    answers.add(
      await getH1(balancer.port, '/', {
        localAddress: client(number),
        tls: { ca, ...kinds[number % kinds.length] },
      }),
    );
  lab.say(`${CLIENTS} clients see: ${[...answers].join(', ')}`);
  if (version === null) return;
  await upstream.log(CLIENTS);
  const opened = (await recordsOf(lab, CLIENTS)).filter(({ event }) => event === 'open');
  lab.check('PROXY version of every connection', [version], [...new Set(opened.map((r) => r.proxy_version))]);
  const addresses = [...new Set(opened.map((record) => String(record.client_ip)))].sort();
  const sources = Array.from({ length: CLIENTS }, (_, number) => client(number)).sort();
  if (version === 'none') lab.check('client_ip', ['127.0.0.1'], addresses);
  else {
    lab.check('client_ip of every client', sources, addresses);
    const logged = readFileSync(balancer.log, 'utf8').match(/127\.0\.1\.\d+:\d+/g) ?? [];
    lab.check(
      'proxy_src as HAProxy logged it',
      [...logged].sort(),
      opened.map((r) => String(r.proxy_src)).sort(),
    );
  }
}
