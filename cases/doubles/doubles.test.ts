import { expect, test } from 'vitest';
import { commandsOf } from './commands.ts';
import { runSuiteProgram } from './suite-program.ts';

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
  { double: 'proxy-header-dropped', red: withHeader, words: /server\.observations\.0 · version\n.*"v1"/ },
  { double: 'completed', red: all, words: /closed_by\n.*expected "upstream".*\n.*seen +"proxy"/ },
  { double: 'no-close', red: all, words: /the connection from \S+ has no close record/ },
])('in a real run $double turns exactly the cases red that look there', async ({ double, red, words }) => {
  const { exitCode, stdout, ...seen } = await runSuiteProgram(all, '--time-scale', '0.2', ...instead(double));
  expect(seen).toEqual({ red: red.toSorted(), green: all.filter((tid) => !red.includes(tid)).toSorted() });
  expect(stdout).toMatch(words);
  expect(exitCode).toBe(1);
});

test('a proxy that dies on its third connection fails that case alone; the rest goes on with a new one', async () => {
  const { exitCode, stdout, red, green } = await runSuiteProgram(
    all,
    ...inOrder,
    ...instead('dies-on-third'),
  );
  const order = [...stdout.matchAll(/^ERROR (\S+)/gm)].map(([, tid]) => tid);
  expect(red).toEqual(order.toSorted());
  // Seven cases, one connection each: the third and the sixth meet a third connection.
  expect([red.length, green.length]).toEqual([2, 5]);
  expect(stdout).toContain('the proxy exited with');
  expect(exitCode).toBe(1);
});

/** Flags that put a double in place of its program. */
function instead(double: string): string[] {
  return ['--proxy-cmd', commandsOf(double, '').proxy!];
}
