/**
 * A proxy that relays and is wrong in one way: the real one, with a filter on its records, its sockets or its configuration.
 * The suite must turn red on it.
 *
 *   npm run suite -- --proxy-cmd "node $PWD/cases/doubles/lying-proxy.ts --double completed --config {config}"
 */
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { parse, stringify } from 'yaml';
import type { ConnectionRecord } from '../run/evidence.ts';
import { proxyDoubles, realProxy } from './commands.ts';
import { configurationDoubles } from './configurations.ts';
import type { ListenerConfig } from './double.ts';
import { recordDoubles } from './records/all.ts';
import { retellRecords } from './retell-records.ts';
import { specialDoubles } from './special.ts';

type Config = { listeners: (ListenerConfig & { name: string })[] };

const options = new Command('lying-proxy')
  .description('The real proxy, made to be wrong in one way; for testing the tests.')
  .addOption(new Option('--double <name>', 'which').choices([...proxyDoubles.keys()]).makeOptionMandatory())
  .requiredOption('--config <path>', 'the configuration the suite wrote')
  .addHelpText(
    'after',
    `\nDoubles:\n${[...proxyDoubles.values()].map(({ name, lie }) => `  ${name.padEnd(34)}${lie}`).join('\n')}`,
  )
  .parse()
  .opts<{ double: string; config: string }>();

const named = <One extends { name: string }>(list: One[]) => list.find(({ name }) => name === options.double);
const special = named(specialDoubles);
const configuration = named(configurationDoubles);
const filter = named(recordDoubles)?.filter();

const config = parse(readFileSync(options.config, 'utf8')) as Config;
for (const listener of configuration ? config.listeners : [])
  if (configuration!.change(listener)) appendFileSync('acted', `${listener.name}\n`);
const told = config.listeners.find(({ logging }) => logging.jsonl_path)!.logging.jsonl_path as string;
const truth = `${told}.truth`;
for (const { logging } of config.listeners) if (logging.jsonl_path) logging.jsonl_path = truth;
writeFileSync(truth, '');
writeFileSync(told, '', { mode: 0o600 });
const doubled = options.config.replace(/\.ya?ml$/, '.double.yaml');
writeFileSync(doubled, stringify(config));

const [program, ...args] = realProxy(options.double, doubled);
const child = spawn(program!, args, { stdio: ['ignore', 'inherit', 'inherit'] });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));

let opened = 0;
/** Lines written more than there were: numbers close up around what a filter leaves out or adds, so that no gap gives it away. */
let shift = 0;
retellRecords(child, { truth, told }, retold);

function retold(line: string): string {
  const record = JSON.parse(line) as ConnectionRecord | { kind: 'meta'; seq: number };
  if (record.kind === 'conn' && record.event === 'open' && ++opened === special?.diesOnConnection)
    child.kill('SIGKILL');
  if (record.kind !== 'meta') shift += special?.skips?.(record) ?? 0;
  const lied = record.kind === 'meta' || !filter ? [record] : filter(record);
  const first = record.seq + shift;
  shift += lied.length - 1;
  return lied.map((one, index) => `${JSON.stringify({ ...one, seq: first + index })}\n`).join('');
}
