import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The suite's own small catalogue against a proxy that changes what it relays and records the change as the truth. */
async function suite(fault: string, ...flags: string[]) {
  const out = mkdtempSync(join(tmpdir(), 'suite-'));
  const proxy = `${process.execPath} ${here('../testing/fake-proxy.ts')} --config {config} --headless --fault ${fault}`;
  const args = [
    here('../bin.mjs'),
    '--out',
    out,
    '--cases',
    here('../testing/catalog'),
    '--proxy-cmd',
    proxy,
  ];
  const { exitCode, stdout } = await execa(process.execPath, [...args, ...flags], {
    reject: false,
    env: { CI: '1' },
  });
  const { cases, direct } = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as {
    cases: { attempts: { failures: { rule: string; text: string }[] }[] }[];
    direct: unknown;
  };
  const failures = cases.flatMap(({ attempts }) => attempts.flatMap((attempt) => attempt.failures));
  return { exitCode, stdout, direct, failures };
}

test('a proxy that relays as it is told is compared and found the same', async () => {
  const { exitCode, stdout, direct } = await suite('none');
  expect(stdout).toContain('2 compared with the direct connection\n');
  expect([exitCode, direct]).toEqual([0, { compared: 2, not: {} }]);
});

test.each([
  {
    fault: 'flip-byte',
    place: 'client.exchanges.0.body_sha256',
    words: /expected "\w{64}", as it is without/,
  },
  {
    fault: 'fin-to-rst',
    place: 'client.close.peer_end',
    words: /expected "fin", as it is without.*\n.*"rst"/,
  },
])('a proxy that does $fault is not like the direct connection', async ({ fault, place, words }) => {
  const { exitCode, failures } = await suite(fault);
  expect(exitCode).toBe(1);
  const found = failures.filter(({ text }) => text.startsWith(`direct · ${place}\n`));
  expect(found).toHaveLength(2);
  expect(found[0]!.text).toMatch(words);
});

test('an end that no record and no other witness tells is seen by the direct connection alone', async () => {
  const { failures } = await suite('fin-to-rst');
  expect(new Set(failures.map(({ rule }) => rule))).toEqual(new Set(['direct']));
  expect(await suite('fin-to-rst', '--no-direct')).toMatchObject({ exitCode: 0, direct: null });
});
