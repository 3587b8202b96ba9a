import type { CaseInstance } from '../load/catalog.ts';
import type { DirectEvidence, DirectLook, Evidence, ServerConnection } from '../run/evidence.ts';
import type { Failure } from '../run/results.ts';
import { caseView } from '../verify/case-view.ts';
import { covers, type Difference, differencesOf, shownApart } from './differences.ts';
import { type LegFact, legFacts } from './leg-facts.ts';
import { outcomeOf, type Places, placeless } from './outcome.ts';

/**
 * Holds what the client and the server saw of each other through the proxy against what they saw without it: everything
 * but what has a reason to differ, in `legFacts` for all cases and in the case's own `direct.differs`.
 */
export function checkTransparency(instance: CaseInstance, evidence: Evidence): Failure[] {
  const { direct } = evidence;
  if (!direct || 'group' in direct) return [];
  const [first] = direct.looks;
  const expected = 'the same without the proxy, told to its end in time';
  if (first!.missing.length > 0)
    return [{ rule: 'direct', path: '', expected, seen: first!.missing.join('; ') }];
  const refused = first!.sides.flatMap(({ client }) => (client.refused === null ? [] : [client]));
  if (refused.length > 0)
    return refused.map(({ name, refused: seen }) => ({ rule: 'direct', path: name, expected, seen }));
  return unexplained(instance, evidence).map(failureOf);
}

type ClientDifference = Difference & { client: string };

/** What was never seen without the proxy as it was seen through it, as it differs from the first look. */
export function unexplained(instance: CaseInstance, evidence: Evidence): ClientDifference[] {
  const { direct } = evidence;
  if (!direct || 'group' in direct) return [];
  const [first = [], ...more] = direct.looks.map((look) => differencesFrom(look, direct, instance, evidence));
  return first.filter(({ client, path }) =>
    more.every((others) =>
      others.some(
        (other) => other.client === client && (covers(path, other.path) || covers(other.path, path)),
      ),
    ),
  );
}

function differencesFrom(
  look: DirectLook,
  { tls, target }: DirectEvidence,
  instance: CaseInstance,
  evidence: Evidence,
): ClientDifference[] {
  const proxied = connectionsByClient(instance, evidence);
  const { host: listener, port } = evidence.listener;
  const compareTls = tls.direct && tls.upstream;
  const excused = [...legFacts.filter(({ when }) => applies(when, tls)), ...own(instance)];
  return look.sides.flatMap(({ client, connections }) => {
    const through = evidence.clients.find(({ name }) => name === client.name);
    if (!through || through.refused !== null) return [];
    // A client calls its server by name over TLS and by address without: only where one run has TLS and the other has not
    // are the two the same. A proxy that writes a name in place of an address is never.
    const isNamed = tls.client && !tls.direct;
    const host = isNamed ? through.spec.tls?.servername || 'localhost' : '<target>';
    const here = { target, host, sockets: client.result?.sockets ?? [] };
    const there = { target: `${listener}:${port}`, host, sockets: through.result?.sockets ?? [] };
    const mine = outcomeOf(client.result, connections, compareTls);
    const theirs = outcomeOf(through.result, proxied.get(client.name) ?? [], compareTls);
    const plain = (value: unknown, places: Places) =>
      typeof value === 'string' ? placeless(value, places) : value;
    return [
      ...differencesOf(mine.client, theirs.client, 'client'),
      ...differencesOf(mine.server, theirs.server, 'server'),
    ]
      .map((found) => ({ ...found, direct: plain(found.direct, here), proxied: plain(found.proxied, there) }))
      .filter(({ direct, proxied }) => typeof direct !== 'string' || direct !== proxied)
      .filter(({ path }) => !excused.some((fact) => covers(fact.path, path)))
      .map((difference) => ({ ...difference, client: look.sides.length > 1 ? client.name : '' }));
  });
}

function applies(when: LegFact['when'], { client, upstream, direct }: DirectEvidence['tls']): boolean {
  if (when === 'tls') return client || upstream || direct;
  return when === undefined || (client && !direct);
}

function own({ direct }: CaseInstance): LegFact[] {
  if (!direct || !('differs' in direct)) return [];
  return Object.entries(direct.differs).map(([path, reason]) => ({ path, reason }));
}

function failureOf({ client, path, direct, proxied }: ClientDifference): Failure {
  const shown = shownApart(direct, proxied);
  return {
    rule: 'direct',
    path: client === '' ? path : `${client}: ${path}`,
    expected: `${shown.direct}, as it is without the proxy`,
    seen: shown.proxied,
  };
}

/** What the server saw of each client, in the order of the client's sockets. */
function connectionsByClient(instance: CaseInstance, evidence: Evidence): Map<string, ServerConnection[]> {
  const { connections } = caseView(instance, evidence);
  return new Map(
    evidence.clients.map(({ name, sockets }) => [
      name,
      connections
        .filter(({ client, server }) => client?.name === name && server !== null)
        .sort((left, right) => sockets.indexOf(left.socket!) - sockets.indexOf(right.socket!))
        .map(({ server }) => server!),
    ]),
  );
}
