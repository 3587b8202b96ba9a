/**
 * One command checks everything: lint, types, walls, generated files, unit tests, the suite. Each step says how it
 * ended; a failed one shows its output. The last line counts: every other step as one, tests and cases each.
 */
import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';

type Count = { passed: number; failed: number; skipped: number };
/** `report` is what the step writes, and what `count` reads. */
type Step = {
  name: string;
  command: string[];
  counted?: { report: string; count: (report: string) => Promise<Count> };
};

const unitReport = 'reports/unit.json';
const steps: Step[] = [
  { name: 'lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'walls', command: ['node', 'scripts/walls.ts'] },
  { name: 'schema', command: ['node', 'scripts/schema.ts', '--check'] },
  { name: 'table of rules', command: ['node', 'scripts/rules/table.ts', '--check'] },
  { name: 'tables of faults', command: ['node', 'scripts/faults/tables.ts', '--check'] },
  { name: 'a case for each fault', command: ['node', 'scripts/faults/coverage.ts'] },
  {
    name: 'unit tests',
    command: ['vitest', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${unitReport}`],
    counted: { report: unitReport, count: countUnitTests },
  },
  {
    name: 'suite',
    // A machine at work with something else may strike a limit: what passes alone is told as flaky.
    command: ['node', 'cases/bin.mjs', '--retries', '1'],
    counted: { report: 'reports/summary.json', count: countCases },
  },
  {
    name: 'slow cases',
    command: ['node', 'cases/bin.mjs', '@slow', '--retries', '1', '--out', 'reports/slow'],
    counted: { report: 'reports/slow/summary.json', count: countCases },
  },
  {
    name: 'scenarios',
    command: [
      'node',
      'cases/bin.mjs',
      '@scenario',
      '--retries',
      '1',
      '--out',
      'reports/scenarios',
      '--min',
      '0',
    ],
    counted: { report: 'reports/scenarios/summary.json', count: countCases },
  },
  { name: 'programs that lie', command: ['node', 'cases/doubles/main.ts', '--brief'] },
  { name: 'speed beside a blind relay', command: ['node', 'scripts/bench/cli.ts', '--ci'] },
];

await mkdir('reports', { recursive: true });
const total: Count = { passed: 0, failed: 0, skipped: 0 };
for (const step of steps) add(total, await runStep(step));
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runStep(step: Step): Promise<Count> {
  if (step.counted) await rm(step.counted.report, { force: true });
  const started = performance.now();
  const { code, output } = await run(step.command);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  let count: Count;
  try {
    count = step.counted
      ? await step.counted.count(step.counted.report)
      : { passed: 0, failed: 0, skipped: 0 };
    if (!Object.values(count).every(Number.isInteger))
      throw new Error(`no numbers: ${JSON.stringify(count)}`);
  } catch (error) {
    // A step that left no readable count did not end as it should, whatever its exit code says.
    count = { passed: 0, failed: 1, skipped: 0 };
    console.log(`${step.name}: no count (${(error as Error).message})`);
  }
  if (!step.counted) count[code === 0 ? 'passed' : 'failed'] += 1;
  else if (code !== 0 && count.failed === 0) count.failed = 1;
  else if (code === 0 && count.passed === 0) count.failed += 1;
  if (count.failed > 0) console.log(output.trimEnd());
  const tally = step.counted
    ? `, ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`
    : '';
  console.log(`${count.failed > 0 ? 'FAIL' : 'ok  '} ${step.name} (${seconds} s${tally})`);
  return count;
}

function run(command: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

async function countUnitTests(path: string): Promise<Count> {
  const report = JSON.parse(await readFile(path, 'utf8')) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numFailedTestSuites: number;
  };
  const failed = report.numFailedTests > 0 ? report.numFailedTests : report.numFailedTestSuites;
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests };
}

async function countCases(path: string): Promise<Count> {
  const { counts, cases } = JSON.parse(await readFile(path, 'utf8')) as {
    cases: { tid: string; flaky: boolean }[];
    counts: { passed: number; failed: number; error: number; notRun: number; skipped: number };
  };
  const flaky = cases.filter((one) => one.flaky).map(({ tid }) => tid);
  if (flaky.length > 0) console.log(`flaky, passed when they ran again: ${flaky.join(' ')}`);
  return {
    passed: counts.passed,
    failed: counts.failed + counts.error + counts.notRun,
    skipped: counts.skipped,
  };
}

function add(total: Count, count: Count): void {
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
}
