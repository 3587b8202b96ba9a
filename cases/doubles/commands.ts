import { fileURLToPath } from 'node:url';
import { clientDoubles } from './clients.ts';
import { configurationDoubles } from './configurations.ts';
import type { Double } from './double.ts';
import { recordDoubles } from './records/all.ts';
import { serverDoubles } from './servers.ts';
import { specialDoubles } from './special.ts';
import { wireDoubles } from './wire/all.ts';

/** Doubles of the proxy, by name: what `lying-proxy.ts` can be. */
export const proxyDoubles: Map<string, Double> = byName([
  ...recordDoubles,
  ...wireDoubles,
  ...configurationDoubles,
  ...specialDoubles,
]);

/** Doubles of the fault-server and of the fault-client. */
export const programDoubles: Map<string, Double> = byName([...serverDoubles, ...clientDoubles]);

/** The real proxy, changed before it starts where the double is one on the wire. */
export function realProxy(double: string | null, config: string): string[] {
  const wire = double !== null && wireDoubles.some(({ name }) => name === double);
  const preload = wire
    ? ['--import', `${new URL('./wire/preload.ts', import.meta.url)}?double=${double}`]
    : [];
  return [process.execPath, ...preload, file('../../proxy/bin.mjs'), '--config', config, '--headless'];
}

/** For `--proxy-cmd`, `--fault-server-cmd` or `--fault-client-cmd`. */
export function commandsOf(double: string, certificates: string) {
  const command = (...words: string[]) => words.map((word) => word.replaceAll(' ', '\\ ')).join(' ');
  if (wireDoubles.some(({ name }) => name === double))
    return { proxy: command(...realProxy(double, '{config}')) };
  if (proxyDoubles.has(double)) {
    return {
      proxy: command(process.execPath, file('./lying-proxy.ts'), '--double', double, '--config', '{config}'),
    };
  }
  const program = [
    process.execPath,
    file('./lying-program.ts'),
    double,
    '--control',
    '--certs',
    certificates,
  ];
  return serverDoubles.some(({ name }) => name === double)
    ? { faultServer: command(...program) }
    : { faultClient: command(...program) };
}

function byName(doubles: Double[]): Map<string, Double> {
  const map = new Map(doubles.map((double) => [double.name, double]));
  if (map.size < doubles.length) throw new Error('two doubles have one name');
  return map;
}

function file(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
