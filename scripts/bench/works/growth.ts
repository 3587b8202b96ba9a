/** The small work x1, x10 and x100 through one proxy: what it costs must not depend on how much went before. */
import { type Bench, scaled } from '../bench.ts';
import { load } from '../load/load.ts';
import { names } from '../subjects/stack.ts';
import type { Figure } from '../types.ts';
import { smallLoad, warmRequests } from './small.ts';

export const title = 'the same small work x1, x10, x100: CPU of one request';
export const profiled = false;

const factors = [1, 10, 100];

/** Two connections: the handshakes of twenty would be most of what the least of the works costs. */
const steady = (requests: number) => ({ ...smallLoad(requests), connections: 2, streamsPerConnection: 100 });

export async function measure(bench: Bench): Promise<Figure[]> {
  const { subjects } = await bench.stack('h2');
  const proxy = subjects.find((subject) => subject.name === names.proxy)!;
  bench.progress(`growth: warming up ${proxy.name}`);
  await load(smallLoad(warmRequests), proxy.port);
  const base = Math.max(3000, scaled(5000, bench.effort));
  const figures = factors.map(
    (factor): Figure => ({
      work: 'growth',
      subject: proxy.name,
      metric: `CPU at x${factor}`,
      unit: 'us/request',
      better: 'less',
      values: [],
    }),
  );
  // Half a million requests a round: two rounds tell as much as five.
  for (let round = 1; round <= Math.min(2, bench.rounds); round++) {
    for (const [index, factor] of factors.entries()) {
      bench.progress(`growth: round ${round}, x${factor}`);
      const before = proxy.cpuSeconds();
      await load(steady(base * factor), proxy.port);
      const after = proxy.cpuSeconds();
      figures[index]!.values.push(
        before === null || after === null ? null : ((after - before) * 1e6) / (base * factor),
      );
      proxy.tidy();
    }
  }
  const ratio: Figure = {
    work: 'growth',
    subject: proxy.name,
    metric: 'x100 / least',
    unit: 'times',
    better: 'less',
    // To the cheaper of the two: x1 lasts a twentieth of a second, and the start of a run is dear.
    values: figures[2]!.values.map((most, round) => {
      const [x1, x10] = [figures[0]!.values[round]!, figures[1]!.values[round]!];
      return most === null || x1 === null || x10 === null ? null : most / Math.min(x1, x10);
    }),
  };
  return [...figures, ratio];
}
