import { deepEqual, isObject, show } from '../json.ts';
import { type MatchContext, type Mismatch, match } from './match.ts';

/** Judges `value` by the operator's argument. Returns what differs; an empty list is a match. */
type Operator = {
  /** Says what is wrong with the argument, or null; called when a case is loaded. */
  check(argument: unknown): string | null;
  run(argument: never, value: unknown, path: string, context: MatchContext): Mismatch[];
};

export const operators: Record<string, Operator> = {
  $re: {
    check: (argument) => {
      if (typeof argument !== 'string') return 'needs a regular expression as a string';
      try {
        expression(argument);
        return null;
      } catch (error) {
        return `is not a regular expression: ${(error as Error).message}`;
      }
    },
    run: (argument: string, value, path) =>
      verdict(
        typeof value === 'string' && expression(argument).test(value),
        path,
        `text like ${argument}`,
        value,
      ),
  },
  $eq: literal((argument, value) => deepEqual(argument, value), ''),
  $ne: literal((argument, value) => !deepEqual(argument, value), 'anything but '),
  $in: oneOf(true),
  $notIn: oneOf(false),
  $gt: order('>', (value, bound) => value > bound),
  $gte: order('>=', (value, bound) => value >= bound),
  $lt: order('<', (value, bound) => value < bound, true),
  $lte: order('<=', (value, bound) => value <= bound, true),
  $between: {
    check: (argument) =>
      Array.isArray(argument) && argument.length === 2 && argument.every((item) => typeof item === 'number')
        ? null
        : 'needs [lowest, highest]',
    run: ([low, high]: [number, number], value, path, context) => {
      const top = scaled(high, path, context);
      return verdict(
        typeof value === 'number' && value >= low && value <= top,
        path,
        `${low} to ${top}`,
        value,
      );
    },
  },
  $approx: {
    check: (argument) =>
      isObject(argument) && typeof argument.v === 'number' && typeof argument.tol === 'number'
        ? null
        : 'needs {v: number, tol: number}',
    run: ({ v, tol }: { v: number; tol: number }, value, path, context) => {
      const slack = scaled(tol, path, context);
      return verdict(
        typeof value === 'number' && Math.abs(value - v) <= slack,
        path,
        `${v} ± ${slack}`,
        value,
      );
    },
  },
  $present: presence(true),
  $absent: presence(false),
  $type: {
    check: (argument) =>
      ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object'].includes(argument as string)
        ? null
        : 'needs one of string, number, integer, boolean, null, array, object',
    run: (argument: string, value, path) =>
      verdict(isOfType(argument, value), path, `type ${argument}`, value),
  },
  $len: {
    check: (argument) =>
      typeof argument === 'number' || isObject(argument) ? null : 'needs a number or a pattern',
    run: (argument: unknown, value, path, context) =>
      typeof value === 'string' || Array.isArray(value)
        ? match(argument, value.length, `${path}.length`, context)
        : [{ path, expected: 'something with a length', seen: value }],
  },
  $contains: {
    check: () => null,
    run: (argument: unknown, value, path, context) => {
      if (typeof value === 'string') {
        return verdict(value.includes(String(argument)), path, `text with ${show(argument)}`, value);
      }
      const found =
        Array.isArray(value) && value.some((item) => match(argument, item, path, context).length === 0);
      return verdict(found, path, `a list with ${show(argument)}`, value);
    },
  },
  $any: {
    check: (argument) => (Array.isArray(argument) && argument.length > 0 ? null : 'needs a list of patterns'),
    run: (argument: unknown[], value, path, context) =>
      verdict(
        argument.some((pattern) => match(pattern, value, path, context).length === 0),
        path,
        `any of ${show(argument)}`,
        value,
      ),
  },
  $all: {
    check: (argument) => (Array.isArray(argument) && argument.length > 0 ? null : 'needs a list of patterns'),
    run: (argument: unknown[], value, path, context) =>
      argument.flatMap((pattern) => match(pattern, value, path, context)),
  },
  $each: {
    check: () => null,
    run: (argument: unknown, value, path, context) =>
      Array.isArray(value)
        ? value.flatMap((item, index) => match(argument, item, `${path}.${index}`, context))
        : [{ path, expected: 'a list', seen: value }],
  },
  $not: {
    check: () => null,
    run: (argument: unknown, value, path, context) =>
      verdict(match(argument, value, path, context).length > 0, path, `not ${show(argument)}`, value),
  },
  $ref: {
    check: (argument) =>
      typeof argument === 'string' && /^(client|clients|server|records)(\.[\w-]+)+$/.test(argument)
        ? null
        : 'needs a path that starts with client., clients., server. or records.',
    run: (argument: string, value, path, context) => {
      const expected = context.resolve(argument);
      if (expected === undefined)
        return [{ path, expected: `the value of ${argument}, which is not there`, seen: value }];
      return verdict(deepEqual(expected, value), path, `${show(expected)} (${argument})`, value);
    },
  },
};

const expressions = new Map<string, RegExp>();

function expression(source: string): RegExp {
  let compiled = expressions.get(source);
  if (!compiled) {
    const delimited = /^\/(.*)\/([imsu]*)$/s.exec(source);
    compiled = delimited ? new RegExp(delimited[1]!, delimited[2]) : new RegExp(source);
    expressions.set(source, compiled);
  }
  return compiled;
}

function verdict(matches: boolean, path: string, expected: string, seen: unknown): Mismatch[] {
  return matches ? [] : [{ path, expected, seen }];
}

function literal(test: (argument: unknown, value: unknown) => boolean, words: string): Operator {
  return {
    check: () => null,
    run: (argument: unknown, value, path) =>
      verdict(test(argument, value), path, words + show(argument), value),
  };
}

function oneOf(wanted: boolean): Operator {
  return {
    check: (argument) => (Array.isArray(argument) && argument.length > 0 ? null : 'needs a list of values'),
    run: (argument: unknown[], value, path) =>
      verdict(
        argument.some((item) => deepEqual(item, value)) === wanted,
        path,
        `${wanted ? 'one of' : 'none of'} ${show(argument)}`,
        value,
      ),
  };
}

function order(sign: string, test: (value: number, bound: number) => boolean, upper = false): Operator {
  return {
    check: (argument) => (typeof argument === 'number' ? null : 'needs a number'),
    run: (argument: number, value, path, context) => {
      const bound = upper ? scaled(argument, path, context) : argument;
      return verdict(typeof value === 'number' && test(value, bound), path, `${sign} ${bound}`, value);
    },
  };
}

function presence(wanted: boolean): Operator {
  return {
    check: (argument) => (argument === true ? null : 'needs the value true'),
    run: (_argument: unknown, value, path) =>
      verdict(
        (value !== undefined && value !== null) === wanted,
        path,
        wanted ? 'a value' : 'no value',
        value,
      ),
  };
}

/** A slow machine stretches how long things may take, never how short they must be. */
function scaled(bound: number, path: string, context: MatchContext): number {
  return /_?ms$/i.test(path) ? bound * context.timeScale : bound;
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
