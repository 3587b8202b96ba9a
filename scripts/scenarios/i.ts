/** I: some clients work and others fail by TLS; what do those that fail have in common? */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { startChild } from '../bench/children.ts';
import { type ClientTls, getH1 } from './clients.ts';
import type { Lab } from './lab.ts';
import { plainUpstream, serverTls } from './listeners.ts';
import { startHttpCollector } from './otlp.ts';
import { curl } from './peers.ts';
import type { Scenario, Variant } from './types.ts';

const GOOD = 20;
const BAD = 6;
/** Each group has a network of its own. */
const goodAddress = (number: number): string => `127.0.2.${number + 1}`;
const badAddress = (number: number): string => `127.0.3.${number + 1}`;

type Group = (lab: Lab) => Partial<ClientTls>;

const signedIn: Group = (lab) => pair(lab, 'client');

export const scenario: Scenario = {
  letter: 'I',
  title: 'some clients work and others fail',
  variants: [
    group('other-issuer', 'symptom', 'one group’s certificates are of another CA', (lab) =>
      pair(lab, 'bad_client'),
    ),
    group('expired', 'symptom', 'one group’s certificates have expired', (lab) =>
      pair(lab, 'client_expired'),
    ),
    group('wrong-purpose', 'symptom', 'one group shows certificates for servers', (lab) =>
      pair(lab, 'client_wrong_eku'),
    ),
    group('no-certificate', 'symptom', 'one group shows none', () => ({})),
    group('old-version', 'symptom', 'one group speaks TLS 1.2 to a listener that wants 1.3', (lab) => ({
      ...pair(lab, 'client'),
      maxVersion: 'TLSv1.2',
    })),
    {
      id: 'I.distrusts',
      role: 'symptom',
      title: 'one group does not know the CA of the listener',
      needs: [curl],
      run: (lab) => mixed(lab, null),
    },
    group('all-well', 'twin', 'everybody has what it takes', signedIn),
  ],
};

function group(name: string, role: Variant['role'], title: string, bad: Group): Variant {
  return { id: `I.${name}`, role, title, run: (lab) => mixed(lab, bad) };
}

/** `bad` null: clients that refuse the listener's certificate with an alert, as curl does and Node does not. */
async function mixed(lab: Lab, bad: Group | null): Promise<void> {
  const upstream = await startHttpCollector(lab);
  const proxy = await lab.proxy([
    {
      name: 'edge',
      tls: serverTls(lab, {
        require_client_cert: true,
        client_ca: `${lab.certs}/ca.crt`,
        min_version: 'TLS1.3',
      }),
      upstream: plainUpstream(upstream.port),
    },
  ]);
  const ca = readFileSync(`${lab.certs}/ca.crt`);
  const ask = (of: Group, localAddress: string) =>
    getH1(proxy.port('edge'), '/', { localAddress, tls: { ca, ...of(lab) } });
  const good = Array.from({ length: GOOD }, (_, number) => ask(signedIn, goodAddress(number)));
  const others = Array.from({ length: BAD }, (_, number) =>
    bad === null ? refuse(lab, proxy.port('edge'), badAddress(number)) : ask(bad, badAddress(number)),
  );
  lab.check('the good group', ['200'], [...new Set(await Promise.all(good))]);
  lab.say(`the other group: ${[...new Set(await Promise.all(others))].join(', ')}`);
}

/** curl's exit code. */
async function refuse(lab: Lab, port: number, address: string): Promise<string> {
  const args = ['--silent', '--interface', address, '--cacert', `${lab.certs}/bad_ca.crt`];
  const child = startChild('curl', [...args, `https://127.0.0.1:${port}/`], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return `curl ${code}`;
}

const pair = (lab: Lab, name: string) => ({
  cert: readFileSync(`${lab.certs}/${name}.crt`),
  key: readFileSync(`${lab.certs}/${name}.key`),
});
