import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fixtures, openFixtures, runSpec } from '../../testing/run-spec.ts';

let fixtures: Fixtures;
beforeAll(async () => {
  fixtures = await openFixtures();
});
afterAll(() => fixtures.remove());

test('tcp-script says its next piece only once it has the bytes it waits for', async () => {
  const heard: string[] = [];
  const server = createServer((socket: Socket) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      heard.push(text);
      // The answer comes in two segments: half of it is not enough.
      if (text === 'a') socket.write('1', () => setImmediate(() => socket.write('2')));
      if (text === 'ab') socket.write('345');
    });
    socket.on('end', () => socket.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const turns = [
    { say: 'a', take: 2 },
    { say: 'b', take: 3 },
  ];
  const result = await runSpec(fixtures, {
    target,
    proto: 'raw',
    fault: { id: 'tcp-script', params: { turns } },
  });
  server.close();
  expect(heard).toEqual(['a', 'ab']);
  expect(result).toMatchObject({ outcome: 'ok', received_bytes: 5, close: { by: 'self' } });
});
