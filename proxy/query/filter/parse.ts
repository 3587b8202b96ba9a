import { FilterError } from './filter-error.ts';
import type { Expression, Located, Operator } from './syntax.ts';
import { TokenReader } from './token-reader.ts';

/** Deeper than anyone writes; a hostile filter must not use up the stack. */
const maxDepth = 100;
const clausePattern = /^([A-Za-z_][\w.-]*?)(\^=|!=|!~|>=|<=|=|~|>|<)/;

/**
 * The expression a filter is; null for an empty one, which matches all. Throws a FilterError.
 *
 *     expression := sequence ('OR' sequence)*
 *     sequence   := term (['AND'] term)*
 *     term       := ('NOT' | '-')* ( '(' expression ')' | clause )
 *     clause     := field operator value | field 'in' '(' item ',' … ')' | word
 */
export function parseFilterText(text: string): Expression | null {
  const tokens = new TokenReader(text);
  if (tokens.atEnd()) return null;
  const expression = readAlternatives(tokens, 0);
  if (!tokens.atEnd()) throw new FilterError(text, tokens.column, 'this ) closes nothing');
  return expression;
}

function readAlternatives(tokens: TokenReader, depth: number): Expression {
  const of = [readSequence(tokens, depth)];
  while (tokens.takeKeyword('OR')) of.push(readSequence(tokens, depth));
  return of.length === 1 ? of[0]! : { type: 'or', of };
}

function readSequence(tokens: TokenReader, depth: number): Expression {
  const of = [readTerm(tokens, depth)];
  while (!tokens.atEnd() && !tokens.atKeyword('OR') && !tokens.atClose()) {
    tokens.takeKeyword('AND');
    of.push(readTerm(tokens, depth));
  }
  return of.length === 1 ? of[0]! : { type: 'and', of };
}

function readTerm(tokens: TokenReader, depth: number): Expression {
  if (depth > maxDepth) throw new FilterError(tokens.text, tokens.column, 'nested too deeply');
  if (tokens.atEnd() || tokens.atKeyword('OR') || tokens.atKeyword('AND') || tokens.atClose()) {
    throw new FilterError(
      tokens.text,
      tokens.column,
      'a condition belongs here, such as proto=tls; quote "OR", "AND" and "NOT" to search for them',
    );
  }
  if (tokens.takeKeyword('NOT') || tokens.takeMinus())
    return { type: 'not', of: readTerm(tokens, depth + 1) };
  const opened = tokens.column;
  if (tokens.takeOpen()) {
    const inner = readAlternatives(tokens, depth + 1);
    if (!tokens.takeClose()) throw new FilterError(tokens.text, opened, 'this ( is never closed');
    return inner;
  }
  return readClause(tokens);
}

function readClause(tokens: TokenReader): Expression {
  const { column, rest } = tokens;
  const found = clausePattern.exec(rest);
  if (found === null) {
    const word = tokens.takeValue();
    return tokens.takeIn() ? { type: 'in', field: word, items: tokens.takeItems() } : { type: 'word', word };
  }
  const [whole, field, operator] = found as unknown as [string, string, Operator];
  tokens.skip(whole.length);
  const value: Located = tokens.takeValue();
  return { type: 'compare', field: { value: field, column }, operator, value };
}
