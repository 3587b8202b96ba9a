import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openFixtures } from '../testing/run-spec.ts';
import { control } from './control.ts';

test('answers, refuses, cancels and stops', async () => {
  const fixtures = await openFixtures();
  const [input, output] = [new PassThrough(), new PassThrough()];
  const done = control(input, (line) => void output.write(line), fixtures.certificates);
  const commands = [
    { id: 'a', cmd: 'ping' },
    { id: 'b', cmd: 'run', spec: { target: 'localhost:1', proto: 'raw', fault: { id: 'nope' } } },
    { id: 'c', cmd: 'run', spec: { target: 'nowhere', proto: 'h1' } },
    { id: 'd', cmd: 'run', spec: { target: '127.0.0.1:1', proto: 'h1' } },
    { id: 'e', cmd: 'stop' },
  ];
  input.write(commands.map((command) => `${JSON.stringify(command)}\n`).join(''));
  await done;
  output.end();
  const lines = Buffer.concat(await output.toArray())
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ type, id }) => [type, id])).toEqual([
    ['ready', undefined],
    ['pong', 'a'],
    ['refused', 'b'],
    ['refused', 'c'],
    ['result', 'd'],
  ]);
  fixtures.remove();
});
