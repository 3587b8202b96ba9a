import type { CaseResult } from '../run/results.ts';
import { type Difference, differences } from './differences.ts';
import { nameOf } from './known-causes.ts';
import { unjudgedInvariants } from './told-invariants.ts';

/** What a run over another proxy says of it, over all cases. */
export type ForeignReport = {
  dialect: '1.50';
  /** What it gets wrong, the widest first. `name` is null where the weakness has none. */
  causes: { name: string | null; tids: string[]; differences: (Difference & { tids: string[] })[] }[];
  /** Green cases, and those of them that asked for something its records do not tell. */
  passed: number;
  passedInPart: number;
  /** Fields its records lack, with the expectations that were not judged for it. */
  untold: { field: string; expectations: number; cases: number }[];
  /** What of the invariants was not judged. */
  unjudged: { invariant: string; what: string }[];
  /** By what the records were given to the clients, in connections. */
  correlation: { rule: string; connections: number }[];
  skipped: { reason: string; tids: string[] }[];
};

export function foreignReport(results: CaseResult[]): ForeignReport {
  const last = results.flatMap((result) => {
    const attempt = result.attempts.at(-1);
    return attempt ? [{ result, attempt }] : [];
  });
  const rules = last.flatMap(({ attempt }) =>
    (attempt.evidence?.correlation?.connections ?? []).map(({ rule }) => rule ?? 'nothing'),
  );
  return {
    dialect: '1.50',
    causes: causesOf(results),
    ...passedOf(results),
    untold: untoldOf(last.flatMap(({ attempt }) => (attempt.untold ? [attempt.untold] : []))),
    unjudged: unjudgedInvariants(),
    correlation: [...counted(rules)].map(([rule, connections]) => ({ rule, connections })),
    skipped: [
      ...grouped(
        results.filter(({ status }) => status === 'skipped'),
        ({ reason }) => reason ?? '',
      ),
    ]
      .map(([reason, of]) => ({ reason, tids: of.map(({ tid }) => tid).toSorted() }))
      .sort(byTids),
  };
}

/** Reports of shards as one. */
export function mergeForeignReports(reports: ForeignReport[]): ForeignReport | undefined {
  const [first] = reports;
  if (!first) return undefined;
  const all = <Key extends 'causes' | 'untold' | 'correlation' | 'skipped'>(key: Key) =>
    reports.flatMap((report) => report[key] as ForeignReport[Key][number][]);
  return {
    ...first,
    causes: [...grouped(all('causes'), ({ name, differences }) => name ?? keyOf(differences[0]!))]
      .map(([, causes]) => ({
        name: causes[0]!.name,
        tids: united(causes),
        differences: [
          ...grouped(
            causes.flatMap(({ differences }) => differences),
            keyOf,
          ),
        ]
          .map(([, same]) => ({ ...same[0]!, tids: united(same) }))
          .sort(byTids),
      }))
      .sort(byTids),
    passed: sum(reports.map(({ passed }) => passed)),
    passedInPart: sum(reports.map(({ passedInPart }) => passedInPart)),
    untold: [...grouped(all('untold'), ({ field }) => field)].map(([field, same]) => ({
      field,
      expectations: sum(same.map(({ expectations }) => expectations)),
      cases: sum(same.map(({ cases }) => cases)),
    })),
    correlation: [...grouped(all('correlation'), ({ rule }) => rule)].map(([rule, same]) => ({
      rule,
      connections: sum(same.map(({ connections }) => connections)),
    })),
    skipped: [...grouped(all('skipped'), ({ reason }) => reason)]
      .map(([reason, same]) => ({ reason, tids: united(same) }))
      .sort(byTids),
  };
}

function causesOf(results: CaseResult[]): ForeignReport['causes'] {
  const all = new Map<string, Difference & { tids: string[] }>();
  for (const { tid, instance, status, attempts } of results.toSorted(byTid)) {
    if (status !== 'failed' && status !== 'error') continue;
    for (const difference of differences(attempts.at(-1)?.failures ?? [], instance.tid)) {
      const key = keyOf(difference);
      const known = all.get(key);
      if (!known) all.set(key, { ...difference, tids: [tid] });
      else if (known.tids.at(-1) !== tid) known.tids.push(tid);
    }
  }
  return [...grouped([...all.values()], (difference) => nameOf(difference) ?? keyOf(difference))]
    .map(([, same]) => ({ name: nameOf(same[0]!), tids: united(same), differences: same.sort(byTids) }))
    .sort(byTids);
}

function passedOf(results: CaseResult[]): Pick<ForeignReport, 'passed' | 'passedInPart'> {
  const passed = results.filter(({ status }) => status === 'passed');
  const inPart = passed.filter(({ attempts }) => (attempts.at(-1)?.untold?.size ?? 0) > 0);
  return { passed: passed.length, passedInPart: inPart.length };
}

function untoldOf(cases: ReadonlyMap<string, number>[]): ForeignReport['untold'] {
  const all = new Map<string, { field: string; expectations: number; cases: number }>();
  for (const untold of cases)
    for (const [field, count] of untold) {
      const entry = all.get(field) ?? { field, expectations: 0, cases: 0 };
      all.set(field, { field, expectations: entry.expectations + count, cases: entry.cases + 1 });
    }
  return [...all.values()].sort((left, right) => right.expectations - left.expectations);
}

function keyOf({ field, expected, seen }: Difference): string {
  return `${field}\n${expected}\n${seen}`;
}

function united(items: { tids: string[] }[]): string[] {
  return [...new Set(items.flatMap(({ tids }) => tids))].toSorted();
}

/** Cases end in another order every time. */
function byTid(left: CaseResult, right: CaseResult): number {
  return left.tid < right.tid ? -1 : 1;
}

function byTids(left: { tids: string[] }, right: { tids: string[] }): number {
  return right.tids.length - left.tids.length;
}

function sum(numbers: number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function counted(words: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function grouped<Item>(items: Item[], keyFor: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyFor(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
