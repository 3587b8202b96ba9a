/**
 * The real fault-server or fault-client behind a filter that lies on its line protocol. Appends what it lied about to the
 * file `acted` in the working directory.
 *
 *   node cases/doubles/lying-program.ts fault-not-injected --control --certs DIR
 */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { clientDoubles } from './clients.ts';
import { serverDoubles } from './servers.ts';

type Line = Record<string, unknown>;
type Filter = {
  command?: (command: Line, say: (line: Line | Line[]) => void) => Line | null;
  line?: (line: Line) => Line | Line[];
};

const [name, ...args] = process.argv.slice(2);
const server = serverDoubles.find((double) => double.name === name);
const double = server ?? clientDoubles.find((one) => one.name === name);
if (!double) throw new Error(`no such double: ${name}`);
const folder = server ? 'fault-server' : 'fault-client';
// The lines of both protocols are objects; which they are, the double knows.
const filter = double.filter((what) => appendFileSync('acted', `${what}\n`)) as unknown as Filter;

const bin = fileURLToPath(new URL(`../../${folder}/bin.mjs`, import.meta.url));
const child = spawn(process.execPath, [bin, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => process.exit(code ?? 1));

createInterface({ input: process.stdin })
  .on('line', (text) => {
    const command = JSON.parse(text) as Line;
    const passed = filter.command ? filter.command(command, say) : command;
    if (passed !== null) child.stdin.write(`${JSON.stringify(passed)}\n`);
  })
  .on('close', () => child.stdin.end());
createInterface({ input: child.stdout }).on('line', (text) => {
  const line = JSON.parse(text) as Line;
  say(filter.line ? filter.line(line) : line);
});

function say(line: Line | Line[]): void {
  for (const one of [line].flat()) process.stdout.write(`${JSON.stringify(one)}\n`);
}
