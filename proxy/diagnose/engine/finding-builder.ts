import type { Evidence, Finding } from '../../../protos/findings/findings.ts';
import type { Connection } from '../facts/connection.ts';
import type { Match, OverallMatch, Rule } from '../rules/rule.ts';
import { Counter } from './counter.ts';
import { FailureGroups } from './lift.ts';
import { pathKey, type Totals } from './totals.ts';

const mostEvidence = 6;
const mostPaths = 100;
const shownClients = 10;
const weights = { proof: 1, strong: 0.7, hint: 0.4 } as const;

/** One finding as it grows, match by match. Memory is bounded. */
export class FindingBuilder {
  readonly #rule: Rule;
  readonly #match: Match;
  readonly #unit: Finding['unit'];
  readonly #clients = new Counter();
  readonly #listeners = new Counter(100);
  readonly #upstreams = new Counter(100);
  readonly #paths = new Set<string>();
  readonly #groups = new FailureGroups();
  readonly #evidence: Evidence[] = [];
  #count = 0;
  #since: number | null = null;
  #until: number | null = null;

  constructor(rule: Rule, match: Match, unit: Finding['unit']) {
    this.#rule = rule;
    this.#match = match;
    this.#unit = unit;
  }

  add(
    match: Match,
    connection: Connection | null,
    what: { count: number; since: number | null; until: number | null },
  ): void {
    // The first proves the finding, of the others one record each shows that it goes on.
    const more = this.#count === 0 ? match.evidence : match.evidence.slice(0, 1);
    this.#evidence.push(...more.slice(0, mostEvidence - this.#evidence.length));
    this.#count += what.count;
    if (what.since !== null) this.#since = Math.min(this.#since ?? what.since, what.since);
    if (what.until !== null) this.#until = Math.max(this.#until ?? what.until, what.until);
    if (connection === null) return;
    this.#clients.add(connection.clientIp, what.count);
    this.#listeners.add(connection.listener, what.count);
    if (connection.upstream !== '') this.#upstreams.add(connection.upstream, what.count);
    this.#groups.add(connection);
    if (this.#paths.size < mostPaths) this.#paths.add(pathKey(connection.listener, connection.upstream));
  }

  finding(totals: Totals): Finding {
    const along = totals.along(this.#paths);
    const listeners = this.#listeners.top(20);
    const clients = this.#clients.top(shownClients);
    const of =
      this.#unit === 'connections'
        ? along.connections
        : this.#unit === 'exchanges'
          ? along.exchanges
          : this.#count;
    return {
      ...head(this.#rule, this.#match, this.#count),
      unit: this.#unit,
      count: this.#count,
      of: Math.max(of, this.#count),
      since: this.#since,
      until: this.#until,
      clients,
      more_clients: this.#clients.size - clients.length,
      listeners,
      upstreams: this.#upstreams.top(20),
      evidence: this.#evidence,
      ...tail(this.#rule, this.#match),
      group:
        this.#match.group ??
        totals.lift.of(
          this.#groups,
          listeners.map(({ value }) => value),
        ),
    };
  }
}

/** A finding that was made at the end, at one go. */
export function overallFinding(rule: Rule, match: OverallMatch): Finding {
  const one = (value: string): { value: string; count: number } => ({ value, count: match.count });
  return {
    ...head(rule, match, match.count),
    unit: match.unit,
    count: match.count,
    of: match.of,
    since: match.since,
    until: match.until,
    clients: match.clients.slice(0, shownClients).map(one),
    more_clients: Math.max(0, match.clients.length - shownClients),
    listeners: match.listeners.map(one),
    upstreams: match.upstreams.map(one),
    evidence: match.evidence.slice(0, mostEvidence),
    ...tail(rule, match),
    group: match.group ?? null,
  };
}

function head(
  rule: Rule,
  match: Match,
  count: number,
): Pick<Finding, 'id' | 'variant' | 'severity' | 'certainty' | 'score' | 'title' | 'cause'> {
  const certainty = match.certainty ?? rule.certainty;
  return {
    id: rule.id,
    variant: match.variant ?? null,
    severity: rule.severity ?? 'finding',
    certainty,
    // Ten times as often weighs as much as half a step in certainty; twice as often does not.
    score: Number((weights[certainty] * Math.log2(1 + count)).toFixed(3)),
    title: match.title,
    cause: match.cause ?? rule.cause,
  };
}

function tail(rule: Rule, match: Match): Pick<Finding, 'ruled_out' | 'next' | 'look_alikes'> {
  return {
    ruled_out: match.ruledOut ?? [],
    next: match.next,
    look_alikes: Object.entries(rule.lookAlikes).map(([id, differs]) => ({ id, differs })),
  };
}
