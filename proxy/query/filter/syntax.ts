/** How a clause compares: 1.50's operators, then those added. */
export type Operator = '=' | '^=' | '~' | '!=' | '!~' | '>' | '>=' | '<' | '<=';

export type Located = { value: string; column: number };

export type Clause =
  | { type: 'compare'; field: Located; operator: Operator; value: Located }
  | { type: 'in'; field: Located; items: Located[] }
  | { type: 'word'; word: Located };

export type Expression = Clause | { type: 'not'; of: Expression } | { type: 'and' | 'or'; of: Expression[] };
