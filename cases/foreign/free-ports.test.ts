import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts, releasePorts } from './free-ports.ts';

const host = '127.0.0.1';

test('ports are given once, also to two that ask at the same time, until they are released', async () => {
  const [left, right] = await Promise.all([freePorts(300, host), freePorts(300, host)]);
  expect(new Set([...left, ...right]).size).toBe(600);
  const more = await freePorts(200, host);
  expect(new Set([...left, ...right, ...more]).size).toBe(800);
  releasePorts(left, host);
  expect(await freePorts(1000, host)).toEqual(expect.arrayContaining(left));
});

test('a port that is taken is passed over', async () => {
  const ports = await freePorts(20, host);
  releasePorts(ports, host);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(ports[7], host, resolve));
  const without = ports.filter((port) => port !== ports[7]);
  const again = await freePorts(1000, host);
  server.close();
  expect(again).toEqual(expect.arrayContaining(without));
  expect(again).not.toContain(ports[7]);
});

test('two runs are never given one port, whoever binds it first', async () => {
  const module = JSON.stringify(new URL('./free-ports.ts', import.meta.url).href);
  const program = `
    import { freePorts } from ${module};
    process.once('disconnect', () => process.exit());
    process.send(await freePorts(1500, '${host}'));`;
  const runs = [1, 2, 3].map(() =>
    spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
  const given = await Promise.all(runs.map(async (run) => (await once(run, 'message'))[0] as number[]));
  for (const run of runs) run.disconnect();
  await Promise.all(runs.map((run) => once(run, 'exit')));
  expect(given.map(({ length }) => length)).toEqual([1500, 1500, 1500]);
  expect(new Set(given.flat()).size).toBe(4500);
});
