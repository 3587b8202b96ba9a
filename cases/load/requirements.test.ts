import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unmetRequirement } from './requirements.ts';

/** A program that answers --version with that text. */
function program(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'requirements-')), 'program');
  writeFileSync(path, `#!/bin/sh\necho '${text}'\n`);
  chmodSync(path, 0o755);
  return path;
}

const own = Number(process.versions.node.split('.')[0]);

test('a platform, a Node version and a program, and none of them', () => {
  expect(unmetRequirement([process.platform, `node>=${own}`, '!no-such-program'])).toBeNull();
  expect(unmetRequirement([`node>=${own + 1}`])).toBe(`needs node>=${own + 1}`);
  expect(unmetRequirement([`!${process.platform}`])).toBe(`not on ${process.platform}`);
  expect(unmetRequirement(['no-such-program'])).toBe('needs no-such-program');
});

test('the Node of the proxy under test is asked of the program itself', () => {
  expect(unmetRequirement(['proxy-node>=24'], [program('v22.18.0')])).toBe('needs proxy-node>=24');
  expect(unmetRequirement(['proxy-node>=24', 'proxy-node>=9'], [program('v24.1.0')])).toBeNull();
  expect(unmetRequirement([`proxy-node>=${own}`])).toBeNull();
});

test('a proxy that is no Node, or no program, meets no version of it', () => {
  for (const command of [program('2.0.0'), program('Python 3.11.2'), '/nonexistent/proxy'])
    expect(unmetRequirement(['proxy-node>=1'], [command])).toBe('needs proxy-node>=1');
});
