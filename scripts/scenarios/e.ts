/** E: who sends what to whom? Every chain of client, listener and upstream, with its counts. */
import { readFileSync } from 'node:fs';
import { runChild } from '../bench/children.ts';
import { getH1 } from './clients.ts';
import type { Lab } from './lab.ts';
import { plainListener, plainUpstream, serverTls } from './listeners.ts';
import { startHttpCollector } from './otlp.ts';
import { proxyProgram } from './proxy.ts';
import { recordsOf } from './records.ts';
import type { Scenario } from './types.ts';

const CLIENTS = 200;
const AT_ONCE = 20;
const listeners = ['orders', 'stock', 'billing', 'search'];

type Chain = { client: string; listener: string; upstream: string; connections: number };

export const scenario: Scenario = {
  letter: 'E',
  title: 'nobody knows who sends what to whom',
  variants: [
    {
      id: 'E.graph',
      role: 'twin',
      title: '200 clients, four listeners, three upstreams: every chain with the counts the clients have',
      run: (lab) => chains(lab, false),
    },
    {
      id: 'E.one-down',
      role: 'look-alike',
      title: 'the same, and one of the upstreams is gone: its chains are there, and failed',
      run: (lab) => chains(lab, true),
    },
  ],
};

async function chains(lab: Lab, oneDown: boolean): Promise<void> {
  const upstreams = [
    await startHttpCollector(lab),
    await startHttpCollector(lab),
    await startHttpCollector(lab),
  ];
  const gone = await lab.port();
  const port = (index: number) =>
    oneDown && index % upstreams.length === 1 ? gone : upstreams[index % upstreams.length]!.port;
  const proxy = await lab.proxy(
    listeners.map((name, index) =>
      index === 0
        ? { name, tls: serverTls(lab), upstream: plainUpstream(port(index)) }
        : plainListener(name, port(index)),
    ),
  );
  const ca = readFileSync(`${lab.certs}/ca.crt`);
  const own = new Map<string, number>();
  let next = 0;
  const oneAfterTheOther = async () => {
    for (let number = next++; number < CLIENTS; number = next++) {
      const index = (number * 7) % listeners.length;
      const name = listeners[index]!;
      const localAddress = `127.0.4.${(number % 40) + 1}`;
      const options = index === 0 ? { tls: { ca }, localAddress } : { localAddress };
      const status = await getH1(proxy.port(name), '/', options);
      const wanted = port(index) === gone ? '502' : '200';
      if (status !== wanted) throw new Error(`client ${number} of ${name}: ${status}`);
      const chain = `${localAddress} ${name} 127.0.0.1:${port(index)}`;
      own.set(chain, (own.get(chain) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, oneAfterTheOther));
  await recordsOf(lab, CLIENTS);
  const graph = JSON.parse(
    await runChild(process.execPath, [proxyProgram, 'graph', '--json', lab.records]),
  ) as { chains: Chain[] };
  const told = graph.chains.map(
    ({ client, listener, upstream, connections }) =>
      [`${client} ${listener} ${upstream}`, connections] as const,
  );
  lab.check('chains and their counts', sorted([...own]), sorted(told));
}

function sorted(chains: (readonly [string, number])[]): (readonly [string, number])[] {
  return chains.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
