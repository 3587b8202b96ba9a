/** `npm run scenario`: a story with real programs, and what the proxy says of it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import type { Finding } from '../../protos/findings/findings.ts';
import { killChildren } from '../bench/children.ts';
import { guardFolder } from '../bench/guard.ts';
import { confusionTable, isDiagonal } from './confusion.ts';
import { expectations } from './expectations.ts';
import { scenarios, variants } from './index.ts';
import { type Played, play, stay } from './play.ts';
import type { Variant } from './types.ts';

type Options = { once?: true; json?: true; table?: true; keep?: string; certs?: string };

const program = new Command('scenario')
  .description(
    'Start a scenario with the real programs in it, show what the clients see and what the proxy says, and leave it running until Ctrl-C. A letter alone plays its first symptom.',
  )
  .argument('[id]', 'a letter, or a variant such as A.http1-only; without one, all are listed')
  .option('--once', 'end when the clients are done; exit 1 when a check fails')
  .option('--json', 'the outcome for machines, on one line; means --once')
  .option(
    '--table',
    'play every variant and print which finding came first: scenario x finding; exit 1 unless it is diagonal and every check holds',
  )
  .option('--keep <folder>', 'leave configurations, logs and records there')
  .option('--certs <folder>', 'fixture certificates already issued')
  .addHelpText(
    'after',
    `
Examples:
  $ npm run scenario                     list them
  $ npm run scenario -- C                nginx and an HTTP/2 preface, until Ctrl-C
  $ npm run scenario -- C.healthy --once
  $ npm run scenario -- --table`,
  )
  .parse();
const options = program.opts<Options>();
const wanted = program.args[0];

process.on('exit', killChildren);
// SIGHUP: the terminal is gone, and nobody is left to press Ctrl-C.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(interactive ? 0 : 128 + constants.signals[signal]));
let interactive = false;

if (options.table) await table();
else if (wanted === undefined) list();
else await one(find(wanted));

function list(): void {
  for (const { letter, title, variants } of scenarios) {
    console.log(`${letter}  ${title}`);
    for (const { id, role, title } of variants)
      console.log(`   ${id.padEnd(24)} ${role.padEnd(11)} ${title}`);
  }
}

function find(id: string): Variant {
  const found = variants.find((variant) => variant.id.toLowerCase() === id.toLowerCase());
  const first = scenarios.find(({ letter }) => letter === id.toUpperCase())?.variants[0];
  if (found ?? first) return (found ?? first)!;
  const letter = scenarios.find(({ letter }) => letter === id.slice(0, 1).toUpperCase());
  const near = (letter?.variants ?? variants).map((variant) => variant.id).join(' ');
  console.error(`there is no scenario ${id}; write ${letter ? `${letter.letter}, or ` : ''}one of: ${near}`);
  process.exit(2);
}

async function one(variant: Variant): Promise<void> {
  const quiet = options.json === true;
  await inFolder(async (folder, certs) => {
    const played = await play(variant, folder, certs, quiet ? () => {} : console.log);
    if (quiet) {
      await played.stop();
      console.log(JSON.stringify(outcome(played)));
    } else if (played.skipped !== null) console.log(`skipped: ${played.skipped}`);
    else if (!options.once) {
      interactive = true;
      await stay(played, console.log);
    }
    await played.stop();
    if (options.once && played.skipped === null) console.log(`\n${await played.report()}`);
    process.exitCode = played.skipped === null && played.checks.some(({ ok }) => !ok) ? 1 : 0;
  });
}

async function table(): Promise<void> {
  await inFolder(async (folder, certs) => {
    const expected = expectations();
    const rows: { variant: Variant; first: string | null; skipped: string | null }[] = [];
    const wrong: string[] = [];
    for (const variant of variants) {
      progress(`${rows.length + 1} of ${variants.length}: ${variant.id}`);
      const played = await play(variant, join(folder, variant.id), certs, () => {});
      await played.stop();
      rows.push({
        variant,
        first: nameOf(played.findings()[0] ?? (expected.get(variant.id) ? played.notes()[0] : undefined)),
        skipped: played.skipped,
      });
      for (const { name, ok } of played.checks) if (!ok) wrong.push(`WRONG ${variant.id}: ${name}`);
    }
    progress('');
    console.log([confusionTable(rows, expected), ...wrong].join('\n'));
    process.exitCode = isDiagonal(rows, expected) && wrong.length === 0 ? 0 : 1;
  });
}

/** As `id/variant`; null for none. */
function nameOf(first: Finding | undefined): string | null {
  if (first === undefined) return null;
  return first.variant === null ? first.id : `${first.id}/${first.variant}`;
}

function outcome(played: Played) {
  const { variant, skipped, checks, findings, notes } = played;
  return {
    scenario: variant.id,
    skipped,
    checks,
    finding: nameOf(findings()[0]),
    note: nameOf(notes()[0]),
    findings: findings().map(({ id, variant, title, count, of }) => ({ id, variant, title, count, of })),
  };
}

async function inFolder(work: (folder: string, certs: string | null) => Promise<void>): Promise<void> {
  const folder = options.keep ? resolve(options.keep) : mkdtempSync(join(tmpdir(), 'wiretracer-scenario-'));
  if (!options.keep) {
    guardFolder(folder);
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
  try {
    await work(folder, options.certs ? resolve(options.certs) : null);
  } catch (error) {
    console.error(`scenario: ${(error as Error).message}`);
    // Programs that still run would keep this one alive; its end ends them.
    process.exit(1);
  }
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
