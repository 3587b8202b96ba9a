import { isObject } from '../json.ts';
import type { FactRule } from '../load/case-schema.ts';
import type { CaseInstance } from '../load/catalog.ts';
import type { Evidence } from '../run/evidence.ts';
import { fields150, h2Events150, isTold, type Shape, toldShape } from './vocabulary.ts';

type Expect = CaseInstance['expect'];

/** How many expectations of each field were taken away, by `kind.field`. */
export type Untold = Map<string, number>;

/**
 * What of a case can be judged on records that lack fields: patterns without those fields. A rule that lost a part may match
 * more records than meant (it is `loose`: too many hits are no failure, too few are); a `never` that lost a part is taken
 * away whole, since what is left would forbid more than meant.
 */
export function toldExpectations(expect: Expect, evidence: Evidence): { expect: Expect; untold: Untold } {
  const untold: Untold = new Map();
  const raw: Record<string, unknown>[] = evidence.records.map(
    ({ raw: written, record }) => written ?? record,
  );
  const shapes = new Map(Object.keys(fields150).map((kind) => [kind, toldShape(kind, raw)]));
  const frames = new Set([...h2Events150, ...raw.map((record) => record.h2_event)]);
  const kinds = new Map(
    (expect.records as FactRule[]).flatMap((rule) => (rule.as === undefined ? [] : [[rule.as, rule.kind]])),
  );
  const pruner: Pruner = {
    untoldReference: (path) => {
      const [root, name, ...rest] = path.split('.');
      if (root !== 'records') return false;
      const keys = /^\d+$/.test(rest[0] ?? '') ? rest.slice(1) : rest;
      return !isTold(shapes.get(String(kinds.get(name!))) ?? {}, keys.join('.'));
    },
    miss: (field) => void untold.set(field, (untold.get(field) ?? 0) + 1),
  };
  const records = (expect.records as FactRule[]).flatMap((rule): FactRule[] => {
    const [ofRule, pattern] = split(rule);
    const kind = String(pattern.kind);
    if (isUnknownFrame(pattern, frames)) {
      pruner.miss(`h2ctl ${String(pattern.h2_event)}`);
      return [];
    }
    const { pattern: left, lost } = prune(pattern, shapes.get(kind) ?? {}, kind, pruner);
    return [{ ...ofRule, ...left, ...(lost ? { loose: true } : {}) } as FactRule];
  });
  const never = (expect.never ?? []).filter((pattern) => {
    if (!isObject(pattern)) return true;
    if (isUnknownFrame(pattern, frames)) return false;
    const kind = String(pattern.kind);
    return !prune(pattern, shapes.get(kind) ?? {}, `never ${kind}`, pruner).lost;
  });
  const told: Expect = { ...expect, records: records as Expect['records'] };
  if (expect.never) told.never = never;
  const client = pruneReferences(expect.client, pruner);
  if (expect.client !== undefined) told.client = client;
  return { expect: told, untold };
}

type Pruner = { untoldReference(path: string): boolean; miss(field: string): void };

const ruleKeys = ['as', 'count', 'after', 'before', 'within', 'client'];

/** What a rule says of its matches, and the pattern itself. */
function split(rule: FactRule): [Record<string, unknown>, Record<string, unknown>] {
  const entries = Object.entries(rule);
  return [
    Object.fromEntries(entries.filter(([key]) => ruleKeys.includes(key))),
    Object.fromEntries(entries.filter(([key]) => !ruleKeys.includes(key))),
  ];
}

function isUnknownFrame(pattern: Record<string, unknown>, frames: Set<unknown>): boolean {
  return pattern.kind === 'h2ctl' && typeof pattern.h2_event === 'string' && !frames.has(pattern.h2_event);
}

/** A pattern without what is not told. Inside an operator only `$all` can lose a part; any other is taken away whole. */
function prune(
  pattern: Record<string, unknown>,
  shape: Shape,
  path: string,
  pruner: Pruner,
): { pattern: Record<string, unknown>; lost: boolean } {
  const left: Record<string, unknown> = {};
  let lost = false;
  for (const [key, value] of Object.entries(pattern)) {
    const below = shape[key];
    const field = `${path}.${key}`;
    if (below === undefined || refersToUntold(value, pruner)) {
      pruner.miss(field);
      lost = true;
    } else if (below === true || !isObject(value)) left[key] = value;
    else if (!isOperator(value)) {
      const inner = prune(value, below, field, pruner);
      left[key] = inner.pattern;
      lost ||= inner.lost;
    } else if (Array.isArray(value.$all)) {
      const parts = value.$all.map((part) =>
        isObject(part) ? prune(part, below, field, pruner) : { pattern: part, lost: false },
      );
      left[key] = { $all: parts.map((part) => part.pattern) };
      lost ||= parts.some((part) => part.lost);
    } else if (namesUntold(value, below)) {
      pruner.miss(field);
      lost = true;
    } else left[key] = value;
  }
  return { pattern: left, lost };
}

function isOperator(value: Record<string, unknown>): boolean {
  return Object.keys(value)[0]?.startsWith('$') === true;
}

/** Whether an operator's argument names a key that is not told, at the level of that shape. */
function namesUntold(value: unknown, shape: Shape): boolean {
  if (Array.isArray(value)) return value.some((item) => namesUntold(item, shape));
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, item]) =>
    key.startsWith('$') ? namesUntold(item, shape) : shape[key] === undefined,
  );
}

function refersToUntold(value: unknown, pruner: Pruner): boolean {
  return isObject(value) && typeof value.$ref === 'string' && pruner.untoldReference(value.$ref);
}

/** What is expected of a witness stands, except where it is compared with a field no record tells. */
function pruneReferences(pattern: unknown, pruner: Pruner): unknown {
  if (Array.isArray(pattern)) return pattern.map((item) => pruneReferences(item, pruner));
  if (!isObject(pattern)) return pattern;
  return Object.fromEntries(
    Object.entries(pattern).flatMap(([key, value]) => {
      if (!refersToUntold(value, pruner)) return [[key, pruneReferences(value, pruner)]];
      pruner.miss(String((value as { $ref: string }).$ref));
      return [];
    }),
  );
}
