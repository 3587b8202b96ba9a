import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { CaseInstance } from '../load/catalog.ts';
import type { AttemptResult, CaseResult, Failure } from '../run/results.ts';

export type ScenarioOptions = {
  certificates: string;
  repeatEach: number;
  /** A red one is played again, so many times. */
  retries: number;
  timeScale: number;
  /** No further one begins. */
  stopped: () => boolean;
  /** What is red then is not told: the signal reached its programs too. */
  interrupted: () => boolean;
  onStart?: (tid: string) => void;
};

/** What `npm run scenario -- ID --json` prints. */
type Outcome = {
  skipped: string | null;
  checks: { name: string; ok: boolean; expected: unknown; seen: unknown }[];
  finding: string | null;
  /** What looks wrong and is not: an answer where one is asked for, nothing where none may be found. */
  note: string | null;
  findings: { id: string; title: string }[];
};

const program = fileURLToPath(new URL('../../scripts/scenarios/cli.ts', import.meta.url));
/** Each is half a dozen processes. */
const atOnce = 4;
const limitMs = 60_000;

/** Runs scenarios, a few at a time, and tells each result as it comes; those that a stop left out are not told. */
export async function runScenarios(
  instances: CaseInstance[],
  options: ScenarioOptions,
  finish: (result: CaseResult) => void,
): Promise<void> {
  const queue = instances.flatMap((instance) =>
    Array.from({ length: options.repeatEach }, (_unused, index) => ({
      instance,
      tid: index === 0 ? instance.tid : `${instance.tid}#${index + 1}`,
    })),
  );
  const oneAfterTheOther = async () => {
    for (let item = queue.shift(); item !== undefined && !options.stopped(); item = queue.shift()) {
      options.onStart?.(item.tid);
      let result = await resultOf(item.tid, item.instance, options);
      for (let retry = 0; retry < options.retries && isRed(result) && !options.stopped(); retry++)
        result = again(result, await resultOf(item.tid, item.instance, options));
      if (!isRed(result) || !options.interrupted()) finish(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, oneAfterTheOther));
}

const isRed = ({ status }: CaseResult): boolean => status === 'failed' || status === 'error';

/** Passed, but not at once, is flaky. */
function again(first: CaseResult, second: CaseResult): CaseResult {
  return {
    ...second,
    flaky: second.status === 'passed',
    durationMs: first.durationMs + second.durationMs,
    attempts: [...first.attempts, ...second.attempts],
  };
}

async function resultOf(
  tid: string,
  instance: CaseInstance,
  { certificates, timeScale }: ScenarioOptions,
): Promise<CaseResult> {
  const { id, finding } = instance.scenario!;
  const begun = Date.now();
  const { stdout, stderr, timedOut } = await execa(
    process.execPath,
    [program, id, '--json', '--certs', certificates],
    { reject: false, stdin: 'ignore', timeout: limitMs * timeScale },
  );
  const durationMs = Date.now() - begun;
  const outcome = outcomeOf(stdout);
  if (outcome?.skipped) {
    const reason = outcome.skipped;
    return { tid, instance, status: 'skipped', flaky: false, reason, durationMs, attempts: [] };
  }
  const failures =
    outcome === null
      ? [broken(timedOut ? `no end within ${limitMs * timeScale} ms` : stderr || stdout)]
      : judged(outcome, finding);
  const status = outcome === null ? 'error' : failures.length > 0 ? 'failed' : 'passed';
  const attempt: AttemptResult = { status, durationMs, failures, evidence: null };
  return { tid, instance, status, flaky: false, reason: null, durationMs, attempts: [attempt] };
}

function outcomeOf(text: string): Outcome | null {
  try {
    return JSON.parse(text) as Outcome;
  } catch {
    // It failed before it could say more; what it wrote is told as it is.
    return null;
  }
}

function judged({ checks, note, findings, ...first }: Outcome, expected: string | null): Failure[] {
  const failures = checks
    .filter(({ ok }) => !ok)
    .map(({ name, expected, seen }) => ({
      rule: 'check',
      path: name,
      expected: JSON.stringify(expected),
      seen,
    }));
  const finding = first.finding ?? (expected === null ? null : note);
  const seen = expected?.includes('/') ? finding : (finding?.split('/')[0] ?? null);
  // What neither checks nor finds anything would pass without a proxy too.
  if (checks.length === 0 && findings.length === 0 && note === null)
    failures.push({ rule: 'check', path: '', expected: 'something that was checked', seen: 'nothing' });
  if (seen === expected) return failures;
  const titles = findings.map(({ id, title }) => `${id}: ${title}`).join('\n');
  return [...failures, { rule: 'finding', path: '', expected: expected ?? 'none', seen: titles || 'none' }];
}

const broken = (text: string): Failure => ({
  rule: 'program',
  path: '',
  expected: 'a scenario that comes to its end',
  seen: text,
});
