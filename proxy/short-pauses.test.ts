import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { execa } from 'execa';
import { expect, test } from 'vitest';

/** Runs `body` in a process of its own, since what is set is set for a process, and gives what it printed. */
async function inProcess(body: string, command: string[] = []): Promise<{ stdout: string; stderr: string }> {
  const module = JSON.stringify(new URL('./short-pauses.ts', import.meta.url).href);
  const program = `
    import { readdirSync, readFileSync } from 'node:fs';
    import { getPriority } from 'node:os';
    import { setImmediate as turn } from 'node:timers/promises';
    import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
    import { runInNewContext } from 'node:vm';
    import { keepPausesShort } from ${module};
    const youngMiB = () =>
      getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size / 2 ** 20;
    /** A hundred turns of the event loop, each of which leaves some of what it made to live on. */
    const work = async () => {
      const kept = [];
      for (let made = 0; made < 3e6; made++) {
        if (made % 5 < 3) kept.push({ made });
        if (made % 30_000 === 0) await turn();
      }
    };
    ${body}`;
  const [file = '', ...args] = [...command, process.execPath, '--input-type=module', '-e', program];
  return execa(file, args, { env: { NODE_OPTIONS: '' } });
}

/** V8 lets the young generation of a machine with little memory be no larger than this anyway. */
const roomy = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY) > 4 * 2 ** 30;

test('the young generation stays small, which it does not by itself, and no flag is unknown', async () => {
  const bounded = await inProcess(`keepPausesShort(); await work(); console.log(youngMiB());`);
  expect(bounded.stderr).toBe('');
  expect(Number(bounded.stdout)).toBeLessThanOrEqual(16);
  const unbounded = await inProcess(`await work(); console.log(youngMiB());`);
  if (roomy) expect(Number(unbounded.stdout)).toBeGreaterThan(16);
});

test('once calm has made it smaller, it grows again', async () => {
  const { stdout } = await inProcess(`
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc');
    keepPausesShort();
    await work();
    const busy = youngMiB();
    for (let calm = 0; youngMiB() > busy / 4 && calm < 20; calm++) {
      collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
      await turn();
    }
    const calm = youngMiB();
    await work();
    console.log(JSON.stringify({ busy, calm, again: youngMiB() }));`);
  const { busy, calm, again } = JSON.parse(stdout) as { busy: number; calm: number; again: number };
  expect(calm).toBeLessThan(busy / 2);
  expect(again).toBeGreaterThan(calm);
});

const linux = existsSync('/proc/self/task');

test.skipIf(!linux)(
  'the helpers of V8 come behind the event loop, also where that is a nice one itself',
  async () => {
    const body = `
    const base = getPriority();
    keepPausesShort();
    const threads = readdirSync('/proc/self/task').map((thread) => [
      readFileSync('/proc/self/task/' + thread + '/comm', 'utf8').includes('V8Worker'),
      getPriority(Number(thread)) - base,
    ]);
    console.log(JSON.stringify(threads));`;
    for (const command of [[], ['nice', '-n', '5']]) {
      const { stdout } = await inProcess(body, command);
      const threads = JSON.parse(stdout) as [boolean, number][];
      for (const [isHelper, niceness] of threads) expect(niceness > 0).toBe(isHelper);
      // Node 22 does not name them.
      if (!process.versions.v8.startsWith('12.')) expect(threads.some(([isHelper]) => isHelper)).toBe(true);
    }
  },
);
