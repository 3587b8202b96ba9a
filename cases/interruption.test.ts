import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const never = `${process.execPath} ${here('testing/fake-proxy.ts')} --config {config} --headless --fault never-close`;

/** The suite in a process group of its own, as a shell starts it; its two cases never come to an end. */
function start() {
  const out = mkdtempSync(join(tmpdir(), 'suite-interrupted-'));
  onTestFinished(() => rmSync(out, { recursive: true }));
  const args = [here('bin.mjs'), '--out', out, '--cases', here('testing/catalog'), '--proxy-cmd', never];
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let told = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
  return {
    out,
    /** What a terminal does: every process of the group gets the signal. */
    interrupt: () => process.kill(-child.pid!, 'SIGINT'),
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, told })),
  };
}

/** The moment the suite has made this file. */
async function made(path: string): Promise<void> {
  const tail = spawn(process.execPath, ['-e', waitForFile, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void tail.kill('SIGKILL'));
  await once(createInterface(tail.stdout), 'line');
}

const waitForFile = `
const { existsSync } = require('node:fs');
const timer = setInterval(() => existsSync(process.argv[1]) && (clearInterval(timer), console.log('made')), 5);`;

test.each([
  ['while its programs start', 'run'],
  ['while cases are in flight', 'run/proxy-1.jsonl'],
])('Ctrl-C %s leaves reports in which nothing failed', async (_when, file) => {
  const { out, interrupt, ended } = start();
  await made(join(out, file));
  interrupt();
  const { code, told } = await ended;
  expect(told).toContain('interrupted with 2 cases not run; --last-failed takes up from here');
  expect(told).toContain('0 passed, 0 failed');
  expect(code).toBe(130);
  const lastRun = JSON.parse(readFileSync(join(out, 'last-run.json'), 'utf8')) as object;
  expect(lastRun).toMatchObject({ failed: [], notRun: ['plain_h1.one', 'plain_h1.two'] });
  expect(readFileSync(join(out, 'junit.xml'), 'utf8')).toContain(
    'tests="2" failures="0" errors="0" skipped="2"',
  );
  expect(existsSync(join(out, 'evidence'))).toBe(false);
});
