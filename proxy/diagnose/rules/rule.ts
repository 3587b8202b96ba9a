import type { Evidence, Finding, Group, NextStep, RuledOut } from '../../../protos/findings/findings.ts';
import type { Totals } from '../engine/totals.ts';
import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';

/** What a rule says of what it recognised. */
export type Match = {
  /** Which of the rule's ways, in a stable kebab-case word. */
  variant?: string;
  /** What is wrong, in one sentence, with names. */
  title: string;
  /** Instead of the rule's own, where the records tell more. */
  cause?: string;
  certainty?: Finding['certainty'];
  /** Matches of one rule with the same key are one finding: most often the upstream or the listener that is to be mended. */
  key: string;
  evidence: Evidence[];
  ruledOut?: RuledOut[];
  next: NextStep[];
  group?: Group;
};

/** A match made at the end, out of everything: it tells its own numbers. */
export type OverallMatch = Match & {
  unit: Finding['unit'];
  count: number;
  of: number;
  since: number | null;
  until: number | null;
  clients: string[];
  listeners: string[];
  upstreams: string[];
  /** Findings of these rules about the same listeners and upstreams are the same thing, told worse: they are left out. */
  explains?: readonly string[];
};

/**
 * One thing that goes wrong and how it looks in the records. `first` explains a connection that failed before HTTP, `exchange`
 * exchanges that ended the same way, `rest` what is left unexplained of a connection; each is asked in the order of the list
 * and the first answer counts. `also` is asked beside them, `overall` at the end, `text` of lines of a client's own log.
 */
export type Rule = {
  /** Stable, kebab-case. */
  id: string;
  severity?: 'note';
  certainty: Finding['certainty'];
  /** For the table: what it recognises, by which evidence, what causes it, what mends it. */
  looksFor: string;
  evidence: string;
  cause: string;
  advice: string;
  /** The words `variant` can be, each with what it means. */
  variants?: Readonly<Record<string, string>>;
  /** Ids of rules it is easily taken for, and what is different there. */
  lookAlikes: Readonly<Record<string, string>>;
  first?(connection: Connection): Match | null;
  exchange?(group: ExchangeGroup, connection: Connection): Match | null;
  rest?(connection: Connection): Match | null;
  also?(connection: Connection): Match | null;
  overall?(totals: Totals): OverallMatch[];
  text?(line: string): Match | null;
};
