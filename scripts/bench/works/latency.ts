/** What a relay adds to the latency of a unary call, at rates that do not fill the machine. */
import type { Bench } from '../bench.ts';
import { callsAtRate, floodCalls } from '../load/grpc.ts';
import type { OpenLoopResult } from '../load/open-loop.ts';
import { names } from '../subjects/stack.ts';
import type { Subject } from '../subjects/subject.ts';
import type { Figure } from '../types.ts';

export const title = 'unary gRPC latency added over a direct connection';
export const profiled = true;

const rates = [200, 2000, 10_000];
const quantiles = ['p50', 'p99', 'p999'] as const;
/** Later than this, the load measures itself. */
const latenessLimitUs = 2000;
const attempts = 3;

export async function measure(bench: Bench): Promise<Figure[]> {
  const { subjects: all, upstream } = await bench.stack('grpc');
  // Without records it is neither the product nor a peer; two workers do not shorten one call.
  const subjects = all.filter(({ name }) => name !== names.silent && name !== names.workers);
  const direct: Subject = { ...upstream, name: 'direct' };
  const seconds = Math.max(0.5, 2 * bench.effort);
  const rounds = Math.min(3, bench.rounds);
  for (const subject of [direct, ...subjects]) {
    bench.progress(`latency: warming up ${subject.name}`);
    await floodCalls(subject.port, 60_000);
    subject.tidy();
  }
  const figures: Figure[] = [];
  for (const rate of rates) {
    const runs = new Map([direct, ...subjects].map(({ name }) => [name, [] as (OpenLoopResult | null)[]]));
    for (let round = 1; round <= rounds; round++) {
      for (const subject of [direct, ...subjects]) {
        bench.progress(`latency: ${rate}/s, round ${round} of ${rounds}, ${subject.name}`);
        runs.get(subject.name)!.push(await believed(bench, rate, subject, seconds));
        subject.tidy();
      }
    }
    figures.push(...figuresOf(rate, runs));
  }
  return figures;
}

/** A run the load held; again where it did not, and null where it cannot. */
async function believed(
  bench: Bench,
  rate: number,
  subject: Subject,
  seconds: number,
): Promise<OpenLoopResult | null> {
  for (let attempt = 1; ; attempt++) {
    const result = await callsAtRate(subject.port, rate, seconds);
    if (believable(result)) return result;
    if (attempt === attempts) return tell(bench, rate, subject, result);
  }
}

function believable({ calls, answered, latenessP99Us }: OpenLoopResult): boolean {
  return answered === calls && latenessP99Us <= latenessLimitUs;
}

function tell(bench: Bench, rate: number, { name }: Subject, result: OpenLoopResult): null {
  const { answered, calls, latenessP99Us } = result;
  bench.note(
    answered < calls
      ? `latency at ${rate}/s, ${name}: ${answered} of ${calls} calls were answered in time; not reported`
      : `latency at ${rate}/s, ${name}: this machine's load sent 1 % of its calls ${(latenessP99Us / 1000).toFixed(1)} ms late or more; not reported`,
  );
  return null;
}

/** The direct connection as it is, and what every relay has above it in the same round. */
export function figuresOf(rate: number, runs: Map<string, (OpenLoopResult | null)[]>): Figure[] {
  const direct = runs.get('direct')!;
  const figures: Figure[] = [];
  // Fewer than a thousand calls have no p999.
  const hasP999 = [...runs.values()].flat().some((result) => (result?.p999Us ?? null) !== null);
  for (const quantile of quantiles.filter((one) => one !== 'p999' || hasP999)) {
    for (const [subject, results] of runs) {
      const own = (result: OpenLoopResult | null) => result?.[`${quantile}Us`] ?? null;
      figures.push({
        work: 'latency',
        subject,
        metric: subject === 'direct' ? `${quantile} at ${rate}/s` : `${quantile} added at ${rate}/s`,
        unit: 'us',
        better: 'less',
        values: results.map((result, round) => {
          const value = own(result);
          if (subject === 'direct' || value === null) return value;
          const base = own(direct[round] ?? null);
          return base === null ? null : value - base;
        }),
      });
    }
  }
  return figures;
}
