import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts, releasePorts } from './free-ports.ts';

const host = '127.0.0.1';

test('ports are given once, also to two that ask at the same time, until they are released', async () => {
  const [left, right] = await Promise.all([freePorts(200, host), freePorts(200, host)]);
  expect(new Set([...left, ...right]).size).toBe(400);
  const more = await freePorts(100, host);
  expect(new Set([...left, ...right, ...more]).size).toBe(500);
  releasePorts(left, host);
  expect(await freePorts(800, host)).toEqual(expect.arrayContaining(left));
});

test('a port that is taken is passed over', async () => {
  const ports = await freePorts(20, host);
  releasePorts(ports, host);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(ports[7], host, resolve));
  const without = ports.filter((port) => port !== ports[7]);
  const again = await freePorts(800, host);
  server.close();
  expect(again).toEqual(expect.arrayContaining(without));
  expect(again).not.toContain(ports[7]);
});

test('two runs are never given one port, whoever binds it first', async () => {
  const module = JSON.stringify(new URL('./free-ports.ts', import.meta.url).href);
  const program = `
    import { freePorts } from ${module};
    // All look at the same ports first.
    Math.random = () => 0;
    process.once('message', () => process.disconnect());
    process.send(await freePorts(200, '${host}'));`;
  const runs = [1, 2, 3].map(() =>
    spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    }),
  );
  const given = await Promise.all(runs.map(async (run) => (await once(run, 'message'))[0] as number[]));
  for (const run of runs) run.send('over');
  // What holds the ports does not keep a process.
  await Promise.all(runs.map((run) => once(run, 'exit')));
  expect(given.map(({ length }) => length)).toEqual([200, 200, 200]);
  expect(new Set(given.flat()).size).toBe(600);
});
