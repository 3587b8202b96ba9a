import { isObject, show } from '../json.ts';
import type { FactRule } from '../load/case-schema.ts';
import type { CaseInstance } from '../load/catalog.ts';
import { originalName } from '../plan/plan.ts';
import type { Evidence } from '../run/evidence.ts';
import { addressOf } from '../run/ledger.ts';
import type { Failure } from '../run/results.ts';
import { checkFacts, type Fact, type Matched } from './facts.ts';
import { type MatchContext, match } from './match.ts';

type Trace = (line: string) => void;

/** Judges what the case wrote down: of the client, of the server, of the records. */
export function checkExpectations(
  instance: CaseInstance,
  evidence: Evidence,
  timeScale: number,
  trace?: Trace,
): Failure[] {
  const { expect } = instance;
  const records = recordFacts(evidence);
  const observations = observationFacts(evidence);
  const named: { records: Map<string, Fact[]>; server: Map<string, Fact[]> } = {
    records: new Map(),
    server: new Map(),
  };
  const context: MatchContext = {
    timeScale,
    resolve: (path) => resolve(path, evidence, observations, named),
  };

  const rules = (expect.server?.observations ?? []) as FactRule[];
  // Names first: a record rule may refer to an observation and the other way round.
  named.server = checkFacts(rules, observations, 'server', context).matched.named;
  named.records = checkFacts(expect.records as FactRule[], records, 'records', context).matched.named;
  const ofServer = checkFacts(rules, observations, 'server.observations', context, trace);
  const ofRecords = checkFacts(expect.records as FactRule[], records, 'records', context, trace);
  return [
    ...clientFailures(expect.client, evidence, context),
    ...connectionCount(expect.server?.connections, evidence),
    ...ofServer.failures,
    ...never(expect.server?.never, observations, 'server.never', context),
    ...ofRecords.failures,
    ...never(expect.never, records, 'never', context),
    ...exhaustive(expect.exhaustive ?? [], records, ofRecords.matched),
    ...sequence(expect.order ?? 'any', records, ofRecords.matched),
    ...exitCode(expect.proxy?.exit_code, evidence, context),
  ];
}

function recordFacts(evidence: Evidence): Fact[] {
  const clientOf = new Map(
    evidence.clients.flatMap(({ name, sockets }) => sockets.map((socket) => [socket, originalName(name)])),
  );
  return evidence.records.map(({ record, line }) => ({
    value: record,
    order: line,
    client: clientOf.get(addressOf(record.peer_ip, record.peer_port)) ?? null,
    timeMs: (record.kind === 'event' ? record.ts_end : record.ts) * 1000,
  }));
}

function observationFacts(evidence: Evidence): Fact[] {
  return evidence.connections
    .flatMap(({ observations }) => observations)
    .sort((left, right) => left.ts - right.ts)
    .map((value, order) => ({ value, order, client: null, timeMs: value.ts }));
}

function clientFailures(pattern: unknown, evidence: Evidence, context: MatchContext): Failure[] {
  const refused = evidence.clients
    .filter((client) => client.refused !== null)
    .map(({ name, refused: why }) => ({
      rule: 'client',
      path: name,
      expected: 'a spec the fault-client runs',
      seen: why,
    }));
  if (pattern === undefined || refused.length > 0) return refused;
  const [first] = evidence.clients;
  if (evidence.clients.every(({ name }) => originalName(name) === first?.name)) {
    return evidence.clients.flatMap(({ result }) =>
      match(pattern, result, '', context).map((item) => ({ rule: 'client', ...item })),
    );
  }
  const byName = Object.fromEntries(evidence.clients.map(({ name, result }) => [name, result]));
  return match(pattern, byName, '', context).map((item) => ({ rule: 'client', ...item }));
}

function connectionCount(wanted: number | undefined, evidence: Evidence): Failure[] {
  const seen = evidence.connections.length;
  if (wanted === undefined || seen === wanted) return [];
  return [{ rule: 'server', path: 'connections', expected: String(wanted), seen }];
}

function never(
  patterns: unknown[] | undefined,
  facts: Fact[],
  rule: string,
  context: MatchContext,
): Failure[] {
  return (patterns ?? []).flatMap((pattern, index) => {
    const hit = facts.find(({ value }) => match(pattern, value, '', context).length === 0);
    return hit
      ? [{ rule: `${rule}.${index}`, path: '', expected: `never ${show(pattern)}`, seen: hit.value }]
      : [];
  });
}

function exhaustive(kinds: string[], records: Fact[], matched: Matched): Failure[] {
  return records
    .filter((fact) => kinds.includes(String(fact.value.kind)) && !matched.all.has(fact))
    .map(({ value }) => ({
      rule: 'exhaustive',
      path: String(value.kind),
      expected: 'a rule for every record of this kind',
      seen: value,
    }));
}

/** `subsequence`: the rules' records come in the rules' order. `strict`: and nothing else comes. */
function sequence(order: 'any' | 'subsequence' | 'strict', records: Fact[], matched: Matched): Failure[] {
  if (order === 'any') return [];
  const flat = matched.sequence.flat();
  const wrong = flat.findIndex((fact, index) => index > 0 && fact.order <= flat[index - 1]!.order);
  if (wrong !== -1) {
    return [
      { rule: 'order', path: String(wrong), expected: 'the order of the rules', seen: flat[wrong]!.value },
    ];
  }
  const extra = order === 'strict' ? records.find((fact) => !matched.all.has(fact)) : undefined;
  return extra
    ? [{ rule: 'order', path: '', expected: 'no record between the rules', seen: extra.value }]
    : [];
}

function exitCode(pattern: unknown, evidence: Evidence, context: MatchContext): Failure[] {
  if (pattern === undefined) return [];
  return match(pattern, evidence.proxyExitCode, 'exit_code', context).map((item) => ({
    rule: 'proxy',
    ...item,
  }));
}

/**
 * `client.<path>` (the only client), `clients.<name>.<path>`, `server.<as or observation word>.<path>` (its first),
 * `records.<as>.<path>` (the first it matched).
 */
function resolve(
  path: string,
  evidence: Evidence,
  observations: Fact[],
  named: { records: Map<string, Fact[]>; server: Map<string, Fact[]> },
): unknown {
  const [root, ...rest] = path.split('.');
  if (root === 'client') return walk(evidence.clients[0]?.result, rest);
  const [name, ...keys] = rest;
  if (root === 'clients') return walk(evidence.clients.find((client) => client.name === name)?.result, keys);
  const facts =
    root === 'server'
      ? (named.server.get(name!) ?? observations.filter(({ value }) => value.observation === name))
      : named.records.get(name!);
  const indexed = /^\d+$/.test(keys[0] ?? '');
  return walk(facts?.[indexed ? Number(keys[0]) : 0]?.value, indexed ? keys.slice(1) : keys);
}

function walk(value: unknown, keys: string[]): unknown {
  return keys.reduce<unknown>((item, key) => {
    if (Array.isArray(item)) return item[Number(key)];
    return isObject(item) ? item[key] : undefined;
  }, value);
}
