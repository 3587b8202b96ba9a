import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const module = (name: string) => JSON.stringify(fileURLToPath(new URL(`./${name}`, import.meta.url)));

/** Its output ends when the last process that holds it has: the program, and the child it starts, which says `there`. */
function program(folder: string) {
  const source = `
    const { startChild } = await import(${module('children.ts')});
    const { guardFolder } = await import(${module('guard.ts')});
    guardFolder(${JSON.stringify(folder)});
    startChild(process.execPath, ['-e', 'console.log("there"); setInterval(() => {}, 1e9)'], { stdio: 'inherit' });
  `;
  return spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test.skipIf(process.platform === 'win32')(
  'what a killed program leaves behind is ended and removed',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'guard-'));
    const killed = program(folder);
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed.stdout, 'end');
    // Folders go last.
    await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
  },
);
