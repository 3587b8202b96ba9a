import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  connected,
  folder,
  hasPgrep,
  httpUpstream,
  isAlive,
  logged,
  ofEvent,
  request,
  rows,
  silentUpstream,
  start,
  workersOf,
  writeConfig,
} from './testing.ts';

/** Makes any process of the program fail on SIGUSR2. */
const FAILING = `--import "data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('planted')})"`;

test.skipIf(!hasPgrep).each([
  ['SIGKILL', {}, 'by SIGKILL'],
  ['SIGUSR2', { NODE_OPTIONS: FAILING }, 'with exit code 1'],
] as const)(
  'a worker that dies (%s) is told of, and the other ends with its records',
  async (signal, env, how) => {
    const { port, arrivals } = await silentUpstream();
    writeConfig([{ port }]);
    const { child, ports, exit, stderr } = await start(1, env);
    for (let n = 0; n < 2; n++) await connected(ports[0]!, arrivals);
    const [victim] = workersOf(child);
    process.kill(victim!, signal);
    expect(await exit).toEqual([1, null]);
    const told = stderr.filter((line) => line.startsWith('wiretracer: worker'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^wiretracer: worker \d \(pid \d+\) ended .*; its open connections are lost\. Stopping\.$/,
    );
    expect(told[0]).toContain(`(pid ${victim}) ended ${how}`);
    if (signal === 'SIGUSR2') expect(stderr.join('\n')).toContain('Error: planted');
    // Two connections, dealt out in turn: one was the victim's.
    expect(ofEvent('open')).toHaveLength(2);
    expect(ofEvent('close')).toMatchObject([{ cause: 'shutdown' }]);
    expect(rows().at(-1)).toMatchObject({ kind: 'meta', event: 'stop' });
    expect(readFileSync(join(folder, 'wiretracer.log'), 'utf8')).toContain('its open connections are lost');
  },
);

/** Makes any process of the program hang on SIGUSR2. */
const HANGING = `--import "data:text/javascript,process.on('SIGUSR2',()=>{for(;;);})"`;

test.skipIf(!hasPgrep)('a worker that hangs does not keep the proxy, nor stay', async () => {
  const { port, arrivals } = await silentUpstream();
  writeConfig([{ port }]);
  const { child, ports, exit } = await start(1, { NODE_OPTIONS: HANGING });
  for (let n = 0; n < 2; n++) await connected(ports[0]!, arrivals);
  const pids = workersOf(child);
  process.kill(pids[0]!, 'SIGUSR2');
  child.kill('SIGTERM');
  await logged('signal: draining');
  child.kill('SIGTERM');
  expect(await exit).toEqual([143, null]);
  for (const pid of pids) while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
  expect(ofEvent('close')).toMatchObject([{ cause: 'shutdown' }]);
  expect(rows().at(-1)).toMatchObject({ kind: 'meta', event: 'stop' });
});

test('the primary that fails ends the workers with their records', async () => {
  const { port, arrivals } = await silentUpstream();
  writeConfig([{ port }]);
  const { child, ports, exit, stderr } = await start(1, { NODE_OPTIONS: FAILING });
  for (let n = 0; n < 2; n++) await connected(ports[0]!, arrivals);
  child.kill('SIGUSR2');
  expect(await exit).toEqual([1, null]);
  expect(stderr.join('\n')).toContain('Error: planted');
  expect(ofEvent('close')).toMatchObject([{ cause: 'shutdown' }, { cause: 'shutdown' }]);
  expect(rows().at(-1)).toMatchObject({ kind: 'meta', event: 'stop', written: rows().length - 1 });
});

test.skipIf(!hasPgrep)('workers whose primary is killed do not stay', async () => {
  writeConfig([{ port: await httpUpstream() }]);
  const { child, exit } = await start(1);
  const pids = workersOf(child);
  expect(pids).toHaveLength(2);
  child.kill('SIGKILL');
  await exit;
  for (const pid of pids) while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
});

test('a reader of standard output that goes away does not end the proxy', async () => {
  writeConfig([{ port: await httpUpstream() }]);
  const { child, ports, exit, stderr } = await start(1, {}, ['--jsonl', '-']);
  child.stdout!.destroy();
  for (let n = 0; n < 4; n++) expect(await request(ports[0]!)).toBe('ok');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  expect(stderr.join('\n')).toContain('wiretracer: records cannot be written to -');
});

test.skipIf(!existsSync('/dev/full'))(
  'a full disk (/dev/full, where there is one) does not end it',
  async () => {
    writeConfig([{ port: await httpUpstream() }]);
    const { child, ports, exit, stderr } = await start(1, {}, ['--jsonl', '/dev/full']);
    for (let n = 0; n < 2; n++) expect(await request(ports[0]!)).toBe('ok');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(stderr.join('\n')).toContain('records cannot be written to /dev/full: ENOSPC');
  },
);
