import { Session } from 'node:inspector/promises';
import { expect, test } from 'vitest';
import { type CpuProfile, profileText, topFunctions } from './profile.ts';

const node = (id: number, functionName: string, url: string, lineNumber: number) => ({
  id,
  callFrame: { functionName, url, lineNumber },
});

const profile: CpuProfile = {
  nodes: [
    node(1, '(idle)', '', -1),
    node(2, 'decode', 'file:///x/protos/hpack/decoder.ts', 9),
    node(3, '', 'node:internal/streams/readable', 4),
    node(4, 'decode', 'file:///x/protos/hpack/decoder.ts', 9),
    node(5, '(garbage collector)', '', -1),
  ],
  samples: [1, 2, 3, 4, 5, 2],
  timeDeltas: [100_000, 10_000, 5000, 20_000, 15_000, 0],
};

test('self time is summed by function over all its callers, without idle', () => {
  expect(topFunctions(profile, 2)).toEqual([
    { name: 'decode hpack/decoder.ts:10', milliseconds: 30, share: 0.6 },
    { name: '(garbage collector)', milliseconds: 15, share: 0.3 },
  ]);
  expect(topFunctions(profile, 15).at(-1)!.name).toBe('(anonymous) streams/readable:5');
});

test('a process that only waited has no functions', () => {
  expect(topFunctions({ ...profile, samples: [1], timeDeltas: [5] }, 15)).toEqual([]);
});

test('it reads what V8 writes', async () => {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  const until = performance.now() + 50;
  while (performance.now() < until) JSON.stringify(process.versions);
  const { profile: real } = await session.post('Profiler.stop');
  session.disconnect();
  const top = topFunctions(real as CpuProfile, 15);
  expect(top.length).toBeGreaterThan(0);
  expect(profileText('small', 'small.cpuprofile', top)).toMatch(
    /^small: self time .*\n +\d+ ms +[\d.]+ % {2}\S/,
  );
});
