/** What an idle connection keeps: resident memory of a relay with none, a thousand and ten thousand of them. */
import { once } from 'node:events';
import { join } from 'node:path';
import readline from 'node:readline';
import { type Bench, scaled } from '../bench.ts';
import { endChild, startChild } from '../children.ts';
import { openFileLimit, relayedConnections } from '../open-files.ts';
import { names, startStack } from '../subjects/stack.ts';
import { programs, type Subject } from '../subjects/subject.ts';
import type { Figure } from '../types.ts';

export const title = 'resident memory with idle HTTP/2 connections over TLS, in and out';
export const profiled = false;

export async function measure(bench: Bench): Promise<Figure[]> {
  const wanted = Math.max(2000, scaled(10_000, bench.effort));
  const most = relayedConnections(wanted);
  if (most < wanted) {
    bench.note(
      `memory: ${most} connections instead of ${wanted}: a relay needs two descriptors for each and \`ulimit -Hn\` is ${openFileLimit()}`,
    );
  }
  const figures: Figure[] = [];
  // One after the other, each in a fresh process: what earlier works left in a heap would be counted too.
  for (const name of [names.blind, names.proxy, names.haproxy]) {
    const stack = await startStack('grpc', bench.certs, bench.folder, [name]);
    const [relay] = stack.subjects;
    if (relay) figures.push(...(await measureOne(bench, relay, [1000, most])));
    await stack.stop();
  }
  return figures;
}

async function measureOne(bench: Bench, relay: Subject, counts: number[]): Promise<Figure[]> {
  const figure = (metric: string, unit: string, value: number | null): Figure => ({
    work: 'memory',
    subject: relay.name,
    metric,
    unit,
    better: 'less',
    values: [value],
  });
  const mib = (kib: number | null) => (kib === null ? null : kib / 1024);
  const child = startChild(process.execPath, [join(programs, 'idle-load.ts'), String(relay.port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = readline.createInterface({ input: child.stdout! });
  const exited = once(child, 'exit').then(([code]) => {
    throw new Error(`memory through ${relay.name}: the idle connections ended with ${code}`);
  });
  // Only of interest while an answer is awaited.
  exited.catch(() => {});
  const none = await settledKib(relay);
  const figures = [figure('RSS with 0', 'MiB', mib(none))];
  let last: number | null = null;
  for (const count of counts) {
    bench.progress(`memory: ${count} idle connections, ${relay.name}`);
    child.stdin!.write(`${count}\n`);
    await Promise.race([once(answers, 'line'), exited]);
    last = await settledKib(relay);
    figures.push(figure(`RSS with ${count}`, 'MiB', mib(last)));
  }
  const pair = none === null || last === null ? null : (last - none) / counts.at(-1)!;
  figures.push(figure('idle pair', 'KiB', pair));
  await endChild(child);
  return figures;
}

/** When three looks in a row are alike: handshakes are garbage for a while. */
async function settledKib(relay: Subject): Promise<number | null> {
  let alike = 0;
  let last = relay.residentKib();
  for (let look = 0; last !== null && alike < 3 && look < 40; look++) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    const next = relay.residentKib();
    alike = next !== null && Math.abs(next - last) < last / 200 ? alike + 1 : 0;
    last = next;
  }
  return last;
}
