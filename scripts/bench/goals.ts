/** What every figure is held against, and whether it stands. */
import { cpus } from 'node:os';
import { median, pairedDifference, pairedRatio } from './statistics.ts';
import { names } from './subjects/stack.ts';
import type { Figure, Verdict } from './types.ts';

type Goal = {
  work: string;
  subject: string;
  metric: string;
  /** Judge the figure itself, its ratio to that of another subject, or what it has above the other's. */
  by?: { ratioTo: string } | { above: string };
  atLeast?: number;
  atMost?: number;
};

const proxy = names.proxy;
const toHaproxy = { ratioTo: names.haproxy };

export const goals: Goal[] = [
  { work: 'small', subject: proxy, metric: 'throughput', by: toHaproxy, atLeast: 0.75 },
  { work: 'small', subject: proxy, metric: 'CPU', atMost: 14 },
  // Two workers need cores that the load and the upstream leave them.
  {
    work: 'small',
    subject: names.workers,
    metric: 'throughput',
    by: { ratioTo: proxy },
    atLeast: cpus().length >= 4 ? 1.8 : 1,
  },
  { work: 'large', subject: proxy, metric: 'throughput', by: toHaproxy, atLeast: 0.9 },
  { work: 'large', subject: proxy, metric: 'CPU', atMost: 26 },
  { work: 'connections', subject: proxy, metric: 'throughput', by: toHaproxy, atLeast: 0.9 },
  { work: 'connections', subject: proxy, metric: 'CPU', atMost: 2 },
  { work: 'latency', subject: proxy, metric: 'p99 added at 2000/s', by: toHaproxy, atMost: 1.5 },
  { work: 'memory', subject: proxy, metric: 'idle pair', by: { above: names.blind }, atMost: 60 },
  { work: 'growth', subject: proxy, metric: 'x100 / least', atMost: 1.2 },
  { work: 'hpack', subject: 'decoder', metric: 'varied blocks', atLeast: 400_000 },
  { work: 'records', subject: 'record log', metric: 'formatted', atLeast: 500_000 },
  { work: 'records', subject: 'record log', metric: 'written to a file', atLeast: 300_000 },
  { work: 'diagnose', subject: 'diagnose', metric: 'time for a million', atMost: 10 },
  { work: 'diagnose', subject: 'diagnose', metric: 'peak memory', atMost: 300 },
  { work: 'suite', subject: 'suite', metric: '@original, wall time', atMost: 1.5 },
];

/** Those of `works`, what falls short first. */
export function judge(figures: readonly Figure[], works: readonly string[]): Verdict[] {
  const verdicts = goals.filter((goal) => works.includes(goal.work)).map((goal) => verdict(goal, figures));
  const rank = ({ met }: Verdict) => (met === false ? 0 : met === null ? 1 : 2);
  return verdicts.sort((a, b) => rank(a) - rank(b));
}

function verdict(goal: Goal, figures: readonly Figure[]): Verdict {
  const find = (subject: string) =>
    figures.find((f) => f.work === goal.work && f.subject === subject && f.metric === goal.metric);
  const own = find(goal.subject);
  const text = words(goal, own?.unit ?? '');
  if (own === undefined) return { goal: text, met: null, measured: `${goal.subject}: not measured` };
  const by = otherOf(goal);
  const other = by === null ? undefined : find(by);
  const value = judged(goal, own, other);
  if (value === null) {
    const noise = other !== undefined && 'ratioTo' in goal.by!;
    const measured = noise
      ? 'no ratio: what is missing or below zero is noise'
      : `${by ?? goal.metric}: not measured`;
    return { goal: text, met: null, measured };
  }
  const met = value >= (goal.atLeast ?? -Infinity) && value <= (goal.atMost ?? Infinity);
  return { goal: text, met, measured: withUnit(goal, value, own.unit) };
}

function judged({ by }: Goal, own: Figure, other: Figure | undefined): number | null {
  if (by === undefined) return median(own.values);
  if (other === undefined) return null;
  return 'above' in by ? pairedDifference(own.values, other.values) : pairedRatio(own.values, other.values);
}

const otherOf = ({ by }: Goal): string | null =>
  by === undefined ? null : 'above' in by ? by.above : by.ratioTo;

function words(goal: Goal, unit: string): string {
  const { work, subject, metric } = goal;
  const limit = goal.atLeast ?? goal.atMost!;
  const who = subject === proxy || !subject.startsWith('wiretracer') ? '' : ` of ${subject}`;
  return `${work}: ${metric}${who} ${goal.atLeast === undefined ? '<=' : '>='} ${withUnit(goal, limit, unit)}`;
}

function withUnit(goal: Goal, value: number, unit: string): string {
  if (goal.by === undefined) return `${short(value)} ${unit}`.trimEnd();
  if ('above' in goal.by) return `${short(value)} ${unit} above ${goal.by.above}`;
  return `${short(value)} x ${goal.by.ratioTo}`;
}

/** Three digits that count, and no more than a reader needs. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
