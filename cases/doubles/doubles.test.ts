import { expect, test } from 'vitest';
import { repository, runSuiteProgram } from './suite-program.ts';

const healthy = ['smoke_h1_plain', 'smoke_tls.h1', 'proxy_none_h1'];
const withHeader = ['proxy_v1_h1', 'proxy_v2_h2'];
const broken = ['neg_h1_truncate', 'neg_h1_rst'];
const all = [...healthy, ...withHeader, ...broken];

/** One case at a time, so that the third connection is the third case of the catalogue's order. */
const inOrder = ['--workers', '1'];

test('a proxy that tells the truth is green, so that only the lie can turn a case red', async () => {
  const { exitCode, green } = await runSuiteProgram(all);
  expect([exitCode, green]).toEqual([0, all.toSorted()]);
});

test.each([
  { lie: 'drop-proxy-header', red: withHeader, words: /server\.observations\.0 · version\n.*"v1"/ },
  { lie: 'completed', red: all, words: /closed_by\n.*expected "upstream".*\n.*seen +"proxy"/ },
  { lie: 'no-close', red: all, words: /the connection from \S+ has no close record/ },
])('a proxy that lies by $lie turns exactly the cases red that look there', async ({ lie, red, words }) => {
  const { exitCode, stdout, ...seen } = await runSuiteProgram(all, '--time-scale', '0.2', ...liar(lie));
  expect(seen).toEqual({ red: red.toSorted(), green: all.filter((tid) => !red.includes(tid)).toSorted() });
  expect(stdout).toMatch(words);
  expect(exitCode).toBe(1);
});

test('a proxy that dies on its third connection fails that case alone; the rest goes on with a new one', async () => {
  const { exitCode, stdout, red, green } = await runSuiteProgram(all, ...inOrder, ...liar('dies-on-third'));
  const order = [...stdout.matchAll(/^ERROR (\S+)/gm)].map(([, tid]) => tid);
  expect(red).toEqual(order.toSorted());
  // Seven cases, one connection each: the third and the sixth meet a third connection.
  expect([red.length, green.length]).toEqual([2, 5]);
  expect(stdout).toContain('the proxy exited with');
  expect(exitCode).toBe(1);
});

function liar(lie: string): string[] {
  const double = `${repository}/cases/doubles/lying-proxy.ts`;
  return ['--proxy-cmd', `${process.execPath} ${double} --lie ${lie} --config {config}`];
}
