/** `npm run bench`: this proxy beside a blind relay in the same Node, and HAProxy where installed, in one run. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { load, loader } from './load.ts';
import {
  haproxyInstalled,
  type Subject,
  startHaproxy,
  startNode,
  startUpstream,
  startWiretracer,
} from './subject.ts';
import { type Work, works } from './works.ts';

type Figure = { work: Work['id']; subject: string; rate: number; cpuUsPerUnit: number | null };

const options = new Command('bench')
  .description(
    'Measure this proxy beside a blind relay in the same Node, and HAProxy where installed. Ratios count; figures are of this machine.',
  )
  .option('--rounds <n>', 'interleaved runs per work and subject; medians are printed', positive, 5)
  .option('--effort <x>', 'scale of the work in one run', positive, 1)
  .option('--only <work>', 'small, large or connections')
  .option('--json', 'print the figures as JSON')
  .addHelpText(
    'after',
    '\nExamples:\n  $ npm run bench\n  $ npm run bench -- --rounds 3 --effort 0.2 --only small',
  )
  .parse()
  .opts<{ rounds: number; effort: number; only?: string; json?: boolean }>();

const chosen = works(options.effort).filter((work) => !options.only || work.id === options.only);
if (chosen.length === 0) {
  console.error(`bench: no work "${options.only}"; write small, large or connections`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'wiretracer-bench-'));
const running: Subject[] = [];
try {
  const figures = await measure();
  console.log(options.json ? JSON.stringify({ loader, figures }, null, 2) : table(figures));
} finally {
  for (const subject of running.reverse()) await subject.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<Figure[]> {
  const certs = join(folder, 'certs');
  const script = join(dirname(fileURLToPath(import.meta.url)), '../certificates.ts');
  const issued = spawnSync(process.execPath, [script, '--out', certs], { stdio: 'inherit' });
  if (issued.status !== 0) throw new Error('no certificates');
  const upstream = await keep(startUpstream(certs, folder));
  const setting = { certs, folder, upstreamPort: upstream.port };
  const subjects = [
    await keep(startNode('blind relay', 'blind-relay.ts', [certs, String(upstream.port)])),
    await keep(startWiretracer('wiretracer', setting, true)),
    await keep(startWiretracer('wiretracer, recording off', setting, false)),
    ...(haproxyInstalled ? [await keep(startHaproxy(setting))] : []),
  ];
  const figures: Figure[] = [];
  for (const work of chosen) {
    for (const subject of subjects) await load(warmUp(work), subject.port);
    const runs = new Map(subjects.map((subject) => [subject.name, [] as Figure[]]));
    // Interleaved, so that a slow second of the machine falls on everyone.
    for (let round = 1; round <= options.rounds; round++) {
      for (const subject of subjects) {
        progress(`${work.id} ${round}/${options.rounds} ${subject.name}`);
        runs.get(subject.name)!.push(await measureOnce(work, subject));
      }
    }
    for (const [subject, list] of runs) {
      figures.push({
        work: work.id,
        subject,
        rate: median(list.map((figure) => figure.rate)),
        cpuUsPerUnit:
          list[0]!.cpuUsPerUnit === null ? null : median(list.map((figure) => figure.cpuUsPerUnit!)),
      });
    }
  }
  progress('');
  return figures;
}

/** A tenth of the work, so that the measured runs find compiled code and filled caches. */
function warmUp(work: Work): Work {
  const requests = Math.ceil(work.requests / 10);
  return { ...work, requests, connections: Math.min(work.connections, requests) };
}

async function measureOnce(work: Work, subject: Subject): Promise<Figure> {
  const before = subject.cpuSeconds();
  const { seconds } = await load(work, subject.port);
  const after = subject.cpuSeconds();
  const cpuUsPerUnit = before === null || after === null ? null : ((after - before) * 1e6) / work.requests;
  return { work: work.id, subject: subject.name, rate: work.rate(work.requests, seconds), cpuUsPerUnit };
}

function table(figures: Figure[]): string {
  const lines = [
    `load by ${loader}; medians of ${options.rounds} interleaved runs; x = ratio to the blind relay, or to HAProxy`,
  ];
  if (!haproxyInstalled) lines.push('HAProxy: skipped, not installed');
  for (const work of chosen) {
    const own = figures.filter((figure) => figure.work === work.id);
    const blind = own.find((figure) => figure.subject === 'blind relay')!;
    const haproxy = own.find((figure) => figure.subject === 'HAProxy');
    lines.push('', work.title);
    for (const figure of own) {
      const cpu = figure.cpuUsPerUnit === null ? '' : `${figure.cpuUsPerUnit.toFixed(1).padStart(10)} us CPU`;
      const ratios = [
        `${(figure.rate / blind.rate).toFixed(2)} x blind`,
        ...(haproxy ? [`${(figure.rate / haproxy.rate).toFixed(2)} x HAProxy`] : []),
      ];
      lines.push(
        `  ${figure.subject.padEnd(26)}${figure.rate.toFixed(0).padStart(9)} ${work.unit.padEnd(7)}${cpu}   ${ratios.join('  ')}`,
      );
    }
  }
  return lines.join('\n');
}

async function keep(starting: Promise<Subject>): Promise<Subject> {
  const subject = await starting;
  running.push(subject);
  return subject;
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('write a number above 0');
  return value;
}
