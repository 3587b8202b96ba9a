/**
 * `npm run peers`: installs the real programs that scenarios and tests are judged by. What cannot be installed here is told and
 * is no failure: cases that need it are skipped by name.
 */
import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { peers } from './scenarios/peers.ts';

const { check } = new Command('peers')
  .description(
    'Install the real programs that scenarios and tests are judged by, from Debian and Go; needs root.',
  )
  .option('--check', 'say what is there, install nothing; exit 1 when something is missing')
  .addHelpText('after', '\nExamples:\n  $ npm run peers\n  $ npm run peers -- --check')
  .parse()
  .opts<{ check?: true }>();

const missing = () => peers.filter((peer) => !peer.present());
if (!check) for (const command of commands(missing().map(({ install }) => install))) run(command);
for (const { program, install, present } of peers)
  console.log(`${present() ? 'there   ' : 'missing '} ${program.padEnd(20)} ${install}`);
if (check && missing().length > 0) process.exitCode = 1;

/** Debian's packages at once: one update, one transaction. Services they start are not ours and would keep ports. */
function commands(installs: string[]): string[] {
  const packages = installs.flatMap((install) => /^apt-get install -y (.+)$/.exec(install)?.[1] ?? []);
  const others = installs.filter((install) => !install.startsWith('apt-get'));
  if (packages.length === 0) return others;
  return [
    'apt-get update -q',
    `env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -q --no-install-recommends ${packages.join(' ')}`,
    ...others,
  ];
}

function run(command: string): void {
  console.log(`$ ${command}`);
  const [program, ...args] = command.split(' ');
  const { status, error } = spawnSync(program!, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) console.log(`  failed: ${error?.message ?? `exit ${status}`}`);
}
