import { isObject, show } from '../json.ts';
import type { CountRule, FactRule } from '../load/case-schema.ts';
import type { Failure } from '../run/results.ts';
import { type MatchContext, match } from './match.ts';

/** A record or an observation, with its place in the order of its kind. */
export type Fact = { value: Record<string, unknown>; order: number; client: string | null; timeMs: number };

/** What each rule of a list matched, by the rule's name. */
export type Matched = { named: Map<string, Fact[]>; all: Set<Fact>; sequence: Fact[][] };

/**
 * Judges a list of rules over facts. `what` names the list in failures: `records`, `server.observations`. A rule with
 * `loose: true`, which no case writes, has lost a part of its pattern: more facts than meant may match it.
 */
export function checkFacts(
  rules: FactRule[],
  facts: Fact[],
  what: string,
  context: MatchContext,
  trace?: (line: string) => void,
): { failures: Failure[]; matched: Matched } {
  const matched: Matched = { named: new Map(), all: new Set(), sequence: [] };
  const failures: Failure[] = [];
  for (const [index, rule] of rules.entries()) {
    const { as, count, after, before, within, client, loose, ...pattern } = rule;
    const pool = client === undefined ? facts : facts.filter((fact) => fact.client === client);
    const hits = pool.filter(({ value }) => match(pattern, value, '', context).length === 0);
    for (const hit of hits) matched.all.add(hit);
    const name = `${what}.${as ?? index}`;
    const { min, max } = bounds(count);
    trace?.(`${name}: ${hits.length} of ${pool.length} match ${show(pattern)}`);
    const unclear = loose === true && hits.length > max;
    matched.sequence.push(unclear ? [] : hits);
    if (unclear) continue;
    if (as !== undefined) matched.named.set(as, hits);
    if (hits.length < min || hits.length > max) {
      failures.push(countFailure(name, pattern, pool, hits.length, min, max, context));
    }
  }
  const taken = new Set([...matched.all].map(({ value }) => value));
  for (const { nearest: near } of failures) if (near) near.isTaken = taken.has(near.fact);
  for (const [index, rule] of rules.entries()) {
    failures.push(
      ...orderFailures(rule, `${what}.${rule.as ?? index}`, matched.sequence[index]!, matched, context),
    );
  }
  return { failures, matched };
}

/** The fact that comes nearest to a pattern: of the same kind, with the fewest differences. */
export function nearest(pattern: Record<string, unknown>, facts: Fact[], context: MatchContext) {
  const kind = 'kind' in pattern ? 'kind' : 'observation';
  return facts
    .filter(({ value }) => match(pattern[kind], value[kind], '', context).length === 0)
    .map(({ value }) => ({ value, mismatches: match(pattern, value, '', context) }))
    .sort((left, right) => left.mismatches.length - right.mismatches.length)[0];
}

function countFailure(
  name: string,
  pattern: Record<string, unknown>,
  pool: Fact[],
  seen: number,
  min: number,
  max: number,
  context: MatchContext,
): Failure {
  const wanted = min === max ? String(min) : `${min} to ${max === Infinity ? 'any number' : max}`;
  if (seen === 0) {
    const near = nearest(pattern, pool, context);
    if (near) {
      const [first] = near.mismatches;
      const more = near.mismatches
        .slice(1)
        .map(({ path, expected, seen: value }) => `; ${path}: ${expected}, not ${show(value)}`)
        .join('');
      return {
        rule: name,
        path: first!.path,
        expected: `${first!.expected}${more}`,
        seen: first!.seen,
        nearest: { pattern, fact: near.value, mismatches: near.mismatches, isTaken: false },
      };
    }
  }
  return { rule: name, path: 'count', expected: `${wanted} of ${show(pattern)}`, seen };
}

function orderFailures(
  rule: FactRule,
  name: string,
  hits: Fact[],
  matched: Matched,
  context: MatchContext,
): Failure[] {
  const failures: Failure[] = [];
  const first = hits[0];
  const last = hits.at(-1);
  if (!first || !last) return failures;
  const earlier = rule.after === undefined ? undefined : matched.named.get(rule.after)?.at(-1);
  const later = rule.before === undefined ? undefined : matched.named.get(rule.before)?.[0];
  if (earlier && first.order <= earlier.order) {
    failures.push({
      rule: name,
      path: 'after',
      expected: `after ${rule.after} (${earlier.order})`,
      seen: first.order,
    });
  }
  if (later && last.order >= later.order) {
    failures.push({
      rule: name,
      path: 'before',
      expected: `before ${rule.before} (${later.order})`,
      seen: last.order,
    });
  }
  if (rule.within !== undefined && earlier) {
    const limit = rule.within * context.timeScale;
    const passed = first.timeMs - earlier.timeMs;
    if (passed > limit) {
      failures.push({
        rule: name,
        path: 'within',
        expected: `<= ${limit} ms after ${rule.after}`,
        seen: passed,
      });
    }
  }
  return failures;
}

function bounds(count: CountRule | undefined): { min: number; max: number } {
  if (count === undefined) return { min: 1, max: 1 };
  if (typeof count === 'number') return { min: count, max: count };
  return isObject(count) ? { min: count.min ?? 0, max: count.max ?? Infinity } : { min: 1, max: 1 };
}
