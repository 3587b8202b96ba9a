import { causes } from '../../../protos/records/causes.ts';
import schema from '../../../protos/records/records.schema.json' with { type: 'json' };
import { didYouMean } from '../../../protos/text/nearest.ts';
import { printable } from '../printable.ts';
import { fieldNamed } from './fields.ts';
import { parseFilterText } from './parse.ts';
import type { Clause, Expression } from './syntax.ts';

/** What of a valid filter can hardly be meant: values that are none of the words a field has. In sentences for people. */
export function filterHints(text: string): string[] {
  const expression = parseFilterText(text);
  return expression === null ? [] : clausesOf(expression).flatMap(hintsOf);
}

/** Fields that hold one of a few words, by their first name. A word may have a detail after a colon. */
const wordsOf: Readonly<Record<string, readonly string[]>> = {
  kind: inSchema('kind'),
  proto: [...inSchema('protocol'), ...inSchema('kind')],
  event: inSchema('event'),
  proxy: inSchema('proxy_version'),
  closed_by: inSchema('closed_by'),
  side: inSchema('side'),
  outcome: inSchema('outcome'),
  direction: inSchema('direction'),
  h2: inSchema('h2_event'),
  cause: Object.keys(causes),
};

function clausesOf(expression: Expression): Clause[] {
  switch (expression.type) {
    case 'not':
      return clausesOf(expression.of);
    case 'and':
    case 'or':
      return expression.of.flatMap(clausesOf);
    default:
      return [expression];
  }
}

function hintsOf(clause: Clause): string[] {
  if (clause.type === 'word') return [];
  const name = fieldNamed(clause.field.value)?.names[0] ?? '';
  const words = Object.hasOwn(wordsOf, name) ? wordsOf[name]! : [];
  if (words.length === 0) return [];
  return valuesOf(clause)
    .filter((value) => value !== '' && !words.includes(value.split(':')[0]!))
    .map((value) => {
      const few = words.length <= 6 ? `its words are ${words.join(', ')}` : '';
      const more = `${didYouMean(value, words)}${few}`.trimEnd();
      return `${clause.field.value} is never "${printable(value)}"${more === '' ? '' : `; ${more}`}`;
    });
}

function valuesOf(clause: Exclude<Clause, { type: 'word' }>): string[] {
  if (clause.type === 'in')
    return clause.items.map(({ value }) => value).filter((value) => !value.endsWith('*'));
  return clause.operator === '=' || clause.operator === '!=' ? [clause.value.value] : [];
}

type SchemaNode = { const?: unknown; enum?: readonly unknown[]; anyOf?: readonly SchemaNode[] };

/** The words that the record kinds have for a key. */
function inSchema(key: string): string[] {
  const kinds = schema.anyOf as unknown as readonly { properties: Readonly<Record<string, SchemaNode>> }[];
  return [...new Set(kinds.flatMap(({ properties }) => enumerated(properties[key] ?? {})))];
}

function enumerated(node: SchemaNode): string[] {
  const own = [...(node.enum ?? []), node.const].filter((word) => typeof word === 'string');
  return [...own, ...(node.anyOf ?? []).flatMap(enumerated)];
}
