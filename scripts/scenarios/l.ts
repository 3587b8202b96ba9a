/** L: clients with and without a PROXY header come to one listener. */
import { startFaultServer } from './fault-upstream.ts';
import type { Lab } from './lab.ts';
import { serverTls, upstreamTls } from './listeners.ts';
import { type MixedKind, mixedClient } from './mixed-clients.ts';
import { recordsOf } from './records.ts';
import type { Scenario } from './types.ts';

const AT_ONCE = 20;
const headers = ['none', 'v1', 'v2'] as const;
const protocols = ['http/1.1', 'h2'] as const;
const pieces = ['whole', 'bytes'] as const;

/** Every combination, again and again. */
const kindOf = (number: number): MixedKind => ({
  header: headers[number % 3]!,
  alpn: protocols[Math.floor(number / 3) % 2]!,
  pieces: pieces[Math.floor(number / 6) % 2]!,
});

export const scenario: Scenario = {
  letter: 'L',
  title: 'clients without a PROXY header, with v1 and with v2 come to one listener',
  variants: [
    {
      id: 'L.mixed',
      role: 'twin',
      title: '300 connections of every kind, a third of each header, half of them byte by byte',
      run: (lab) => mixed(lab, 300, null),
    },
    {
      id: 'L.one-broken',
      role: 'look-alike',
      title: '120 of them, and some whose header is broken',
      run: (lab) => mixed(lab, 120, 'PROXY TCP4 192.0.2.1 198.51.100.1 1 70000\r\n'),
    },
  ],
};

async function mixed(lab: Lab, connections: number, broken: string | null): Promise<void> {
  const upstream = await startFaultServer(lab, null, 'http');
  const proxy = await lab.proxy([
    {
      name: 'edge',
      tls: serverTls(lab),
      upstream: upstreamTls(lab, upstream),
      policy: { max_connections: 400 },
    },
  ]);
  const port = proxy.port('edge');
  let next = 0;
  const outcomes = new Map<string, number>();
  const oneAfterTheOther = async () => {
    for (let number = next++; number < connections; number = next++) {
      const kind = kindOf(number);
      const isBroken = broken !== null && number % 30 === 0;
      const outcome = await mixedClient(lab, port, kind, number, isBroken ? broken : null);
      const key = isBroken ? 'broken' : `${kind.header} ${kind.alpn} ${outcome}`;
      outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, oneAfterTheOther));
  lab.say(
    `the clients: ${[...outcomes]
      .map(([key, count]) => `${count} ${key}`)
      .sort()
      .join(', ')}`,
  );
  const opened = (await recordsOf(lab, connections)).filter(({ event }) => event === 'open');
  const told = Object.fromEntries(
    headers.map((version) => [version, opened.filter((record) => record.proxy_version === version).length]),
  );
  const third = connections / 3;
  const brokenOnes = broken === null ? 0 : connections / 30;
  lab.check('headers told', { none: third - brokenOnes, v1: third, v2: third }, told);
}
