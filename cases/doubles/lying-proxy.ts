/**
 * A proxy that relays and lies: the real one, with a filter on its records or in its path. The suite must turn red on it.
 *
 *   npm run suite -- --proxy-cmd "node $PWD/cases/doubles/lying-proxy.ts --lie completed --config {config}"
 */
import { spawn } from 'node:child_process';
import { appendFileSync, openSync, readFileSync, readSync, watch, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { parse, stringify } from 'yaml';
import { type HeaderStripper, startHeaderStripper } from './header-stripper.ts';
import { lies, type ProxyRecord } from './lies.ts';

type Listener = { name: string; upstream: { addr: string }; logging?: { jsonl_path?: string } };

const options = new Command('lying-proxy')
  .description('The real proxy, made to lie in one way; for testing the tests.')
  .addOption(new Option('--lie <name>', 'which lie').choices(Object.keys(lies)).makeOptionMandatory())
  .requiredOption('--config <path>', 'the configuration the suite wrote')
  .addHelpText(
    'after',
    `\nLies:\n${Object.entries(lies)
      .map(([name, { summary }]) => `  ${name.padEnd(20)}${summary}`)
      .join('\n')}`,
  )
  .parse()
  .opts<{ lie: string; config: string }>();

const lie = lies[options.lie]!;
const config = parse(readFileSync(options.config, 'utf8')) as { listeners: Listener[] };
const logging = config.listeners.map((listener) => listener.logging).find((section) => section?.jsonl_path);
const told = logging!.jsonl_path!;
const truth = `${told}.truth`;
logging!.jsonl_path = truth;
writeFileSync(truth, '');
writeFileSync(told, '', { mode: 0o600 });

/** By the address the real proxy was given: the relay that stands there, and the upstream it hides. */
const strippers = new Map<string, { stripper: HeaderStripper; hidden: string }>();
if (lie.dropsProxyHeader) for (const listener of config.listeners) await hideUpstream(listener);
const doubled = options.config.replace(/\.ya?ml$/, '.double.yaml');
writeFileSync(doubled, stringify(config));

const bin = join(dirname(fileURLToPath(import.meta.url)), '../../proxy/bin.mjs');
const child = spawn(process.execPath, [bin, '--config', doubled, '--headless'], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));

let opened = 0;
/** Lines left out so far: numbers close up behind them, so that no gap gives the lie away. */
let hushed = 0;
let rest = '';
// A read may end inside a character.
const decoder = new StringDecoder('utf8');
const file = openSync(truth, 'r');
const buffer = Buffer.alloc(1 << 20);
const watcher = watch(truth, retell);
child.on('exit', (code) => {
  watcher.close();
  retell();
  process.exit(code ?? 1);
});
retell();

function retell(): void {
  for (;;) {
    const read = readSync(file, buffer, 0, buffer.length, null);
    if (read === 0) return;
    const lines = (rest + decoder.write(buffer.subarray(0, read))).split('\n');
    rest = lines.pop()!;
    appendFileSync(told, lines.map(retold).join(''));
  }
}

function retold(line: string): string {
  const record = unhidden(JSON.parse(line) as ProxyRecord);
  if (record.kind === 'conn' && record.event === 'open' && ++opened === lie.diesOnConnection)
    child.kill('SIGKILL');
  const lied = lie.record ? lie.record(record) : record;
  if (lied !== null) return `${JSON.stringify({ ...lied, seq: (lied.seq as number) - hushed })}\n`;
  hushed++;
  return '';
}

async function hideUpstream(listener: Listener): Promise<void> {
  const hidden = listener.upstream.addr;
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(hidden)!;
  const stripper = await startHeaderStripper({ host: host!, port: Number(port) });
  strippers.set(stripper.address, { stripper, hidden });
  listener.upstream.addr = stripper.address;
}

/** Puts back what only the relay in the path changed, so that the lie is the only thing wrong. */
function unhidden(record: ProxyRecord): ProxyRecord {
  const address = (record.upstream_addr ?? (record.upstream as { addr?: string } | undefined)?.addr) as
    | string
    | undefined;
  const found = address === undefined ? undefined : strippers.get(address);
  if (!found) return record;
  const shown = { ...record };
  if (shown.upstream_addr !== undefined) shown.upstream_addr = found.hidden;
  if (shown.upstream) shown.upstream = { ...(shown.upstream as object), addr: found.hidden };
  if (typeof shown.upstream_local === 'string')
    shown.upstream_local = found.stripper.seenFor(shown.upstream_local) ?? shown.upstream_local;
  return shown;
}
