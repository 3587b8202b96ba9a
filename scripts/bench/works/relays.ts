/** The shape most works share: every relay does the same, in turn, round after round. */
import type { Bench } from '../bench.ts';
import { names, type StackId } from '../subjects/stack.ts';
import type { Subject } from '../subjects/subject.ts';
import type { Figure } from '../types.ts';

export type RelayPlan = {
  work: string;
  stack: StackId;
  /** Whether several workers have anything to share: many connections, or all cores' worth of bytes. */
  withWorkers?: boolean;
  /** What one measured run does: throughput and CPU are told for one unit. */
  units: number;
  /** Where a run makes the relay do more than is timed. */
  cpuUnits?: number;
  rate: { unit: string; perUnit: number };
  cpu: { unit: string; perSecond: number };
  warmUp: (port: number) => Promise<unknown>;
  /** Does the units; the seconds it took. */
  run: (port: number) => Promise<number>;
};

export async function measureRelays(bench: Bench, plan: RelayPlan): Promise<Figure[]> {
  const { subjects: all } = await bench.stack(plan.stack);
  const subjects = all.filter(({ name }) => plan.withWorkers || name !== names.workers);
  for (const subject of subjects) {
    bench.progress(`${plan.work}: warming up ${subject.name}`);
    await named(plan, subject, plan.warmUp(subject.port));
    subject.tidy();
  }
  const figures = new Map(subjects.map((subject) => [subject, emptyFigures(plan, subject)]));
  // Interleaved, so that a slow second of the machine falls on everyone.
  for (let round = 1; round <= bench.rounds; round++) {
    for (const subject of subjects) {
      bench.progress(`${plan.work}: round ${round} of ${bench.rounds}, ${subject.name}`);
      const [rate, cpu] = figures.get(subject)!;
      const before = subject.cpuSeconds();
      const seconds = await named(plan, subject, plan.run(subject.port));
      const after = subject.cpuSeconds();
      rate.values.push((plan.units * plan.rate.perUnit) / seconds);
      cpu.values.push(
        before === null || after === null
          ? null
          : ((after - before) * plan.cpu.perSecond) / (plan.cpuUnits ?? plan.units),
      );
      subject.tidy();
    }
  }
  return [...figures.values()].flat();
}

async function named<T>(plan: RelayPlan, subject: Subject, doing: Promise<T>): Promise<T> {
  try {
    return await doing;
  } catch (error) {
    throw new Error(`${plan.work} through ${subject.name}: ${(error as Error).message}`, { cause: error });
  }
}

function emptyFigures(plan: RelayPlan, { name }: Subject): [rate: Figure, cpu: Figure] {
  const own = { work: plan.work, subject: name };
  return [
    { ...own, metric: 'throughput', unit: plan.rate.unit, better: 'more', values: [] },
    { ...own, metric: 'CPU', unit: plan.cpu.unit, better: 'less', values: [] },
  ];
}
