/**
 * A stand-in for wiretracer 1.50, which is not part of this repository: the current proxy behind a filter that writes its
 * records as descriptions of that program say, with the defects of its records that were measured (retelling-150.ts). It is
 * built from a description; it is not that program. What that program does wrong on the wire this one does right. With
 * `--truthful` it only leaves out what 1.50 does not write: then nothing may be found wrong.
 *
 *   npm run suite -- --proxy-cmd 'node cases/doubles/proxy-150.ts --config {config}'
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { retellRecords } from './retell-records.ts';
import { defects150, retold150 } from './retelling-150.ts';

type Listener = {
  name: string;
  upstream: Record<string, unknown>;
  logging: { jsonl_path?: string; sample_rate?: number };
};

const { config: path, truthful } = parseArgs({
  options: {
    config: { type: 'string' },
    headless: { type: 'boolean' },
    truthful: { type: 'boolean', default: false },
  },
}).values;
const defects = truthful ? [] : defects150;
const config = parse(readFileSync(path!, 'utf8')) as { listeners: Listener[] };
const told = config.listeners.find(({ logging }) => logging.jsonl_path)!.logging.jsonl_path!;
const truth = `${told}.truth`;
const upstreams = new Map(config.listeners.map(({ name, upstream }) => [name, upstream]));
for (const { logging } of config.listeners) {
  logging.jsonl_path = truth;
  if (!truthful) delete logging.sample_rate;
}
const passedOn = path!.replace(/(\.ya?ml)?$/, '.passed-on.yaml');
writeFileSync(passedOn, stringify(config));
writeFileSync(truth, '');

const bin = fileURLToPath(new URL('../../proxy/bin.mjs', import.meta.url));
const child = spawn(process.execPath, [bin, '--config', passedOn, '--headless'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));

retellRecords(child, { truth, told }, (line) => {
  const record = JSON.parse(line) as Record<string, unknown>;
  const upstream = upstreams.get(String(record.listener)) ?? {};
  return retold150(record, defects, upstream)
    .map((written) => `${JSON.stringify(written)}\n`)
    .join('');
});
