/** One variant played to the end of its clients, and what the proxy says of it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Diagnosis, Finding } from '../../protos/findings/findings.ts';
import { runChild } from '../bench/children.ts';
import { type Check, type Lab, openLab } from './lab.ts';
import { proxyProgram } from './proxy.ts';
import type { Variant } from './types.ts';

export type Played = {
  variant: Variant;
  /** Which program is missing, and what installs it. */
  skipped: string | null;
  checks: readonly Check[];
  lab: Lab;
  /** As `wiretracer diagnose --json` orders them. Empty before `stop`. */
  findings(): readonly Finding[];
  /** What looks wrong and is not: the answer where that is the question. */
  notes(): readonly Finding[];
  /** What `wiretracer diagnose` prints for people now. */
  report(): Promise<string>;
  stop(): Promise<void>;
};

export async function play(
  variant: Variant,
  folder: string,
  certs: string | null,
  say: (text: string) => void,
): Promise<Played> {
  const lab = openLab(folder, certs ?? join(folder, 'certs'), say);
  const missing = (variant.needs ?? []).filter((peer) => !peer.present());
  let findings: readonly Finding[] = [];
  let notes: readonly Finding[] = [];
  let stopped = false;
  const played: Played = {
    variant,
    skipped:
      missing.length === 0
        ? null
        : missing.map(({ program, install }) => `${program} is missing; ${install}`).join('; '),
    checks: lab.checks,
    lab,
    findings: () => findings,
    notes: () => notes,
    report: async () =>
      existsSync(lab.records) ? diagnose(lab.records, ['--notes']) : 'No proxy of its own was recorded.',
    async stop() {
      if (stopped) return;
      stopped = true;
      await lab.stop();
      if (played.skipped !== null || !existsSync(lab.records)) return;
      const told = JSON.parse(await diagnose(lab.records, ['--json', '--notes'])) as Diagnosis;
      findings = told.findings;
      notes = told.notes;
    },
  };
  if (played.skipped !== null) return played;
  if (certs === null) issueCertificates(lab.certs);
  say(`${variant.id}: ${variant.title}\n`);
  try {
    await variant.run(lab);
  } catch (error) {
    await lab.stop();
    throw error;
  }
  return played;
}

/** Shows what there is and waits until somebody ends it. */
export async function stay({ lab, report }: Played, say: (text: string) => void): Promise<void> {
  say(`\n${await report()}`);
  for (const [name, address] of lab.addresses) say(`${name.padEnd(24)} ${address}`);
  say(`records                  ${lab.records}\n\nrunning until Ctrl-C`);
  // Nothing of this process has to be alive for the programs to be.
  await new Promise<never>(() => setInterval(() => {}, 2 ** 30));
}

/** Exit 1 is what findings make of it. */
function diagnose(records: string, flags: string[]): Promise<string> {
  return runChild(process.execPath, [proxyProgram, 'diagnose', ...flags, records], {}, [0, 1]);
}

function issueCertificates(folder: string): void {
  const script = fileURLToPath(new URL('../certificates.ts', import.meta.url));
  const { status, signal } = spawnSync(process.execPath, [script, '--out', folder], { stdio: 'inherit' });
  // Ctrl-C reaches both; the handler of this process has not had its turn yet.
  if (signal !== null) process.exit(signal === 'SIGINT' ? 130 : 143);
  if (status !== 0) throw new Error('no certificates');
}
