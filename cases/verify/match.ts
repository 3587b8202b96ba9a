import { deepEqual, isObject, show } from '../json.ts';
import { operators } from './operators.ts';

/** One difference: where, what was asked for in words, what was there. */
export type Mismatch = { path: string; expected: string; seen: unknown };

export type MatchContext = {
  /** Upper bounds of `*_ms` values are multiplied by this. */
  timeScale: number;
  /** The value at a `$ref` path, undefined when nothing is there. */
  resolve(path: string): unknown;
};

/**
 * Compares `value` with `pattern`: objects as subsets, arrays element by element, one-key `$operator` maps by the
 * operator, everything else by identity. Returns every difference; an empty list is a match.
 */
export function match(pattern: unknown, value: unknown, path: string, context: MatchContext): Mismatch[] {
  const operator = operatorOf(pattern);
  if (operator) return operators[operator[0]]!.run(operator[1] as never, value, path, context);
  if (Array.isArray(pattern)) {
    if (!Array.isArray(value) || value.length !== pattern.length) {
      return [{ path, expected: show(pattern), seen: value }];
    }
    return pattern.flatMap((item, index) => match(item, value[index], `${path}.${index}`, context));
  }
  if (isObject(pattern)) {
    if (!isObject(value)) return [{ path, expected: show(pattern), seen: value }];
    return Object.entries(pattern).flatMap(([key, item]) =>
      match(item, value[key], path === '' ? key : `${path}.${key}`, context),
    );
  }
  return deepEqual(pattern, value) ? [] : [{ path, expected: show(pattern), seen: value }];
}

/** Says what is wrong with a pattern and where in it, so that a mistake is found when the case is loaded. */
export function checkPattern(pattern: unknown, path: string): { path: string; text: string }[] {
  if (Array.isArray(pattern)) return pattern.flatMap((item, index) => checkPattern(item, `${path}/${index}`));
  if (!isObject(pattern)) return [];
  const keys = Object.keys(pattern);
  const dollar = keys.find((key) => key.startsWith('$'));
  if (dollar === undefined) return keys.flatMap((key) => checkPattern(pattern[key], `${path}/${key}`));
  if (keys.length > 1) {
    return [
      { path, text: `an operator stands alone in its map; wrap several in {$all: [{${keys.join('}, {')}}]}` },
    ];
  }
  const operator = operators[dollar];
  if (!operator) {
    return [{ path, text: `unknown operator ${dollar}; write one of ${Object.keys(operators).join(' ')}` }];
  }
  const wrong = operator.check(pattern[dollar]);
  if (wrong) return [{ path, text: `${dollar} ${wrong}` }];
  return ['$not', '$each', '$any', '$all', '$contains', '$len'].includes(dollar)
    ? checkPattern(pattern[dollar], `${path}/${dollar}`)
    : [];
}

function operatorOf(pattern: unknown): [string, unknown] | null {
  if (!isObject(pattern)) return null;
  const entries = Object.entries(pattern);
  return entries.length === 1 && entries[0]![0].startsWith('$') ? entries[0]! : null;
}
