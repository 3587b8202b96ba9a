import type { Finding } from '../../../protos/findings/findings.ts';
import type { Predicate } from '../../query/filter/compile.ts';
import type { ReadRecord } from '../../query/reading/record-reader.ts';
import type { Connection } from '../facts/connection.ts';
import { skimSuccess } from '../facts/skim.ts';
import { numberOf } from '../facts/values.ts';
import type { Match, OverallMatch, Rule } from '../rules/rule.ts';
import { FindingBuilder, overallFinding } from './finding-builder.ts';
import { isConsequence, looksWell, wasTimedOut } from './judgement.ts';
import { OpenConnections } from './open-connections.ts';
import { Totals } from './totals.ts';

/** Findings kept apart; a hostile file may make as many as it has lines. */
const mostFindings = 500;

/** Reads records one by one, in any order, and says what is wrong. Its memory does not depend on how many there are. */
export class DiagnosisEngine {
  readonly totals = new Totals();
  readonly #rules: readonly Rule[];
  readonly #wanted: Predicate | null;
  readonly #open = new OpenConnections((connection) => this.#judge(connection));
  readonly #builders = new Map<string, FindingBuilder>();

  /** `wanted`: only connections with a record that matches are judged and counted. */
  constructor(rules: readonly Rule[], wanted: Predicate | null = null) {
    this.#rules = rules;
    this.#wanted = wanted;
  }

  add(record: ReadRecord, line: number): void {
    if (record.kind === 'meta') this.#meta(record, line);
    const { conn_id: id } = record;
    if (typeof id !== 'string' || id === '') return;
    const connection = this.#open.add(id.length > 100 ? id.slice(0, 100) : id, record, line);
    if (!connection.wanted) connection.wanted = this.#wanted === null || this.#wanted(record);
  }

  /** Takes a line without parsing it, where that is all the same; null where it is not. */
  skim(text: string, line: number): { kind: string; seq: number } | null {
    if (this.#wanted !== null) return null;
    const success = skimSuccess(text);
    if (success === null || !this.#open.addSuccess(success.connId, success, line)) return null;
    return { kind: 'event', seq: success.seq };
  }

  /** A line that is no record, such as one of a client's own log; false when no rule knows it. */
  addText(text: string): boolean {
    for (const rule of this.#rules) {
      const match = rule.text?.(text) ?? null;
      if (match === null) continue;
      this.#build(rule, match, 'lines', null, { count: 1, since: null, until: null });
      return true;
    }
    return false;
  }

  /** Judge the connections that are over. */
  settle(): void {
    this.#open.settle();
  }

  /** Judge all connections: the input has ended. */
  finish(): void {
    this.#open.finish();
  }

  /** What has been found so far, most likely first; notes among it. */
  findings(): Finding[] {
    let found = [...this.#builders.values()].map((builder) => builder.finding(this.totals));
    const overall = this.#rules.flatMap((rule) =>
      (rule.overall?.(this.totals) ?? []).map((match) => ({ rule, match })),
    );
    for (const { match } of overall) found = found.filter((finding) => !isExplained(finding, match));
    found.push(...overall.map(({ rule, match }) => overallFinding(rule, match)));
    const rank = new Map(this.#rules.map((rule, index) => [rule.id, index]));
    return found.sort((a, b) => b.score - a.score || rank.get(a.id)! - rank.get(b.id)!);
  }

  #judge(connection: Connection): void {
    if (!connection.wanted) return;
    const well = looksWell(connection);
    const explained = well ? null : this.#explain(connection);
    for (const rule of this.#rules) {
      const match = rule.also?.(connection) ?? null;
      if (match !== null) this.#ofConnection(rule, match, connection);
    }
    const failed = explained !== null && explained.rule.severity !== 'note';
    this.totals.add(connection, {
      failed,
      unexplained: failed && (explained.match.certainty ?? explained.rule.certainty) !== 'proof',
      timedOut: failed && wasTimedOut(connection),
    });
  }

  /** The first rule that explains something of a connection: before HTTP, of its exchanges, or of the rest. */
  #explain(connection: Connection): { rule: Rule; match: Match } | null {
    for (const rule of this.#rules) {
      const match = rule.first?.(connection) ?? null;
      if (match === null) continue;
      this.#ofConnection(rule, match, connection);
      return { rule, match };
    }
    const ofExchange = this.#explainExchanges(connection);
    if (ofExchange !== null) return ofExchange;
    for (const rule of this.#rules) {
      const match = rule.rest?.(connection) ?? null;
      if (match === null) continue;
      this.#ofConnection(rule, match, connection);
      return { rule, match };
    }
    return null;
  }

  #explainExchanges(connection: Connection): { rule: Rule; match: Match } | null {
    let first: { rule: Rule; match: Match } | null = null;
    for (const group of connection.groups.values()) {
      if (isConsequence(group)) continue;
      for (const rule of this.#rules) {
        const match = rule.exchange?.(group, connection) ?? null;
        if (match === null) continue;
        this.#build(rule, match, 'exchanges', connection, {
          count: group.count,
          since: group.firstTs,
          until: group.lastTs,
        });
        // A note explains nothing where something else is wrong.
        if (first === null || first.rule.severity === 'note') first = { rule, match };
        break;
      }
    }
    return first;
  }

  #ofConnection(rule: Rule, match: Match, connection: Connection): void {
    const { firstTs: since, lastTs: until } = connection;
    this.#build(rule, match, 'connections', connection, { count: 1, since, until });
  }

  #build(
    rule: Rule,
    match: Match,
    unit: Finding['unit'],
    connection: Connection | null,
    what: { count: number; since: number | null; until: number | null },
  ): void {
    const key = `${rule.id}\n${match.variant ?? ''}\n${unit}\n${match.key}`;
    let builder = this.#builders.get(key);
    if (builder === undefined) {
      if (this.#builders.size >= mostFindings) return;
      builder = new FindingBuilder(rule, match, unit);
      this.#builders.set(key, builder);
    }
    builder.add(match, connection, what);
  }

  #meta(record: ReadRecord, line: number): void {
    const dropped = numberOf(record.dropped);
    if (record.event !== 'stop' || dropped === null || dropped === 0) return;
    this.totals.droppedRecords += dropped;
    this.totals.droppedAt = { line, ts: numberOf(record.ts) };
  }
}

/** Whether a finding tells no more than what a rule has seen in the whole. */
function isExplained(finding: Finding, { explains, listeners, upstreams, count }: OverallMatch): boolean {
  if (!explains?.includes(finding.id) || finding.count > count) return false;
  return (
    finding.listeners.every(({ value }) => listeners.includes(value)) &&
    finding.upstreams.every(({ value }) => upstreams.includes(value))
  );
}
