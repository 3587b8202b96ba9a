import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { peakResidentBytes, processTree, resetPeak, residentBytes } from './process-memory.ts';

test.skipIf(process.platform !== 'linux')(
  'a process and its child, and their memory at its peak',
  async () => {
    const grow = 'const b = Buffer.alloc(64 << 20, 1); console.log(b.length); process.stdin.resume()';
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grow)}], { stdio: 'inherit' })`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    await once(parent.stdout!, 'data');
    const tree = processTree(parent.pid!);
    expect(tree).toHaveLength(2);
    expect(tree[0]).toBe(parent.pid);
    expect(residentBytes(tree)! - residentBytes([parent.pid!])!).toBeGreaterThan(64 << 20);
    resetPeak(tree);
    expect(peakResidentBytes(tree)).toBeGreaterThanOrEqual(residentBytes([parent.pid!])!);
    const ended = once(parent, 'exit');
    parent.stdin!.end();
    await ended;
    expect(residentBytes(tree)).toBeNull();
  },
);
