import { BlockList, isIP } from 'node:net';
import { didYouMean } from '../../../protos/text/nearest.ts';
import { parseCidr } from '../../config/cidr.ts';
import type { ReadRecord } from '../reading/record-reader.ts';
import { type Field, fieldNamed, fieldNames } from './fields.ts';
import { FilterError } from './filter-error.ts';
import { toRegExp } from './python-regex.ts';
import { readNumber } from './quantity.ts';
import type { Clause, Expression, Located } from './syntax.ts';

export type Predicate = (record: ReadRecord) => boolean;
type Test = (value: unknown) => boolean;
/** What is asked of a value or of each element of a list; `negated`: it must not hold. */
type Condition = { negated: boolean; test: Test };

/** What decides whether a record matches. Throws a FilterError for a field or a value that cannot be meant. */
export function compile(expression: Expression, text: string): Predicate {
  switch (expression.type) {
    case 'not': {
      const inner = compile(expression.of, text);
      return (record) => !inner(record);
    }
    case 'and': {
      const all = expression.of.map((one) => compile(one, text));
      return (record) => all.every((one) => one(record));
    }
    case 'or': {
      const any = expression.of.map((one) => compile(one, text));
      return (record) => any.some((one) => one(record));
    }
    default:
      return compileClause(expression, text);
  }
}

function compileClause(clause: Clause, text: string): Predicate {
  if (clause.type === 'word') return containing(clause.word.value);
  const field = knownField(clause.field, text);
  const { negated, test } =
    clause.type === 'in' ? isListed(field, clause.items, text) : compared(field, clause, text);
  return (record) => {
    const value = field.of(record);
    // A list is equal to what one of its elements is equal to, and differs from what none is; an empty one counts as no value.
    const holds = Array.isArray(value) ? (value.length > 0 ? value.some(test) : test(null)) : test(value);
    return holds !== negated;
  };
}

function knownField(name: Located, text: string): Field {
  const field = fieldNamed(name.value);
  if (field !== null) return field;
  const meant = didYouMean(name.value, fieldNames);
  throw new FilterError(
    text,
    name.column,
    `unknown field "${name.value}"; ${meant}"wiretracer query --fields" lists them all`,
  );
}

function compared(field: Field, clause: Extract<Clause, { type: 'compare' }>, text: string): Condition {
  const { operator, value } = clause;
  switch (operator) {
    case '=':
    case '!=':
      return { negated: operator === '!=', test: equalTo(field, value, text) };
    case '^=':
      return { negated: false, test: (actual) => shown(actual).startsWith(value.value) };
    case '~':
    case '!~': {
      const pattern = toRegExp(value, text);
      return { negated: operator === '!~', test: (actual) => pattern.test(shown(actual)) };
    }
    default:
      return { negated: false, test: bySize(field, clause, text) };
  }
}

function bySize(field: Field, clause: Extract<Clause, { type: 'compare' }>, text: string): Test {
  const { operator, value } = clause;
  if (field.type !== 'number' && field.type !== 'time') {
    throw new FilterError(
      text,
      clause.field.column,
      `${clause.field.value} is no number: ${operator} does not apply, = != ^= ~ do`,
    );
  }
  const limit = readNumber(value.value, field);
  if (limit === null) {
    const wanted = field.type === 'time' ? 'epoch seconds or a date such as 2026-01-31T12:00Z' : 'a number';
    throw new FilterError(
      text,
      value.column,
      `${operator} wants ${wanted} right after it, not "${value.value}"`,
    );
  }
  return (actual) => {
    // Neither a missing value nor a word is smaller or greater than anything.
    const number = typeof actual === 'number' ? actual : readNumber(shown(actual), field);
    if (number === null) return false;
    if (operator === '>') return number > limit;
    if (operator === '>=') return number >= limit;
    return operator === '<' ? number < limit : number <= limit;
  };
}

function isListed(field: Field, items: readonly Located[], text: string): Condition {
  // As in 1.50 an empty list matches all.
  if (items.length === 0) return { negated: false, test: () => true };
  const tests = items.map((item): Test => {
    const { value } = item;
    if (!value.endsWith('*')) return equalTo(field, item, text);
    return (actual) => shown(actual).startsWith(value.slice(0, -1));
  });
  return { negated: false, test: (actual) => tests.some((test) => test(actual)) };
}

function equalTo(field: Field, value: Located, text: string): Test {
  const wanted = value.value;
  if (field.type === 'address' || field.type === 'endpoint') checkAddress(value, text);
  if (field.type === 'address')
    return anyOf(
      exactly(wanted),
      inNetwork(wanted, (text) => text),
    );
  if (field.type === 'endpoint') return anyOf(exactly(wanted), exactly(unbracketed(wanted)), ofHost(wanted));
  return exactly(wanted);
}

/** Four numbers that are no address and a prefix that is none match nothing, ever. A name and a path of a socket may. */
function checkAddress({ value, column }: Located, text: string): void {
  const network = /^\[?([\da-f:]*[.:][\da-f:.]*)\]?\/(.*)$/i.exec(value);
  if (network !== null && parseCidr(`${network[1]}/${network[2]}`) === null)
    throw new FilterError(text, column, `"${value}" is no network such as 10.0.0.0/8 or fd00::/8`);
  const address = /^(\d+(?:\.\d+){3})(?::\d+)?$/.exec(value);
  if (address !== null && isIP(address[1]!) === 0)
    throw new FilterError(text, column, `"${value}" is no address: its numbers go from 0 to 255`);
}

function exactly(wanted: string): Test {
  return (actual) => shown(actual) === wanted;
}

function anyOf(...tests: readonly (Test | null)[]): Test {
  const known = tests.filter((test) => test !== null);
  return (actual) => known.some((test) => test(actual));
}

/** 1.50 writes the port of an IPv6 address right after it, others put the address in brackets. */
function unbracketed(wanted: string): string {
  return wanted.replace(/^\[(.*)\](:\d+)$/, '$1$2');
}

/** Any port of a host, an ip or a network. */
function ofHost(wanted: string): Test {
  const network = inNetwork(wanted.replace(/^\[(.*)\]$/, '$1'), hostOf);
  return network ?? ((actual) => wanted !== '' && !wanted.includes(':') && hostOf(shown(actual)) === wanted);
}

function inNetwork(wanted: string, hostOf: (text: string) => string): Test | null {
  const cidr = parseCidr(wanted);
  if (cidr === null) return null;
  const list = new BlockList();
  list.addSubnet(cidr.address, cidr.prefix, cidr.family);
  return (actual) => {
    const ip = hostOf(shown(actual));
    const version = isIP(ip);
    // BlockList takes an IPv4 address for the one it is mapped to, so that ::/0 would hold it.
    if (version === 4 && cidr.family === 'ipv6' && cidr.prefix < 96) return false;
    return version !== 0 && list.check(ip, `ipv${version as 4 | 6}`);
  };
}

/** What stands before the last colon, which is that of the port. */
function hostOf(endpoint: string): string {
  const colon = endpoint.lastIndexOf(':');
  return (colon < 0 ? endpoint : endpoint.slice(0, colon)).replace(/^\[(.*)\]$/, '$1');
}

/** What 1.50 searched for a bare word; `cause`, which it did not have, is new among them. */
function containing(word: string): Predicate {
  const wanted = word.toLowerCase();
  const places = [
    ...'listener client proto method path status reason h2_event ja3 ja4 ech esni cause'.split(' '),
  ].map((name) => fieldNamed(name)!);
  return (record) => places.some((place) => shown(place.of(record)).toLowerCase().includes(wanted));
}

/** As 1.50 compared it: what is missing is the empty text. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
