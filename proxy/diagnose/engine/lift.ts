import type { Group } from '../../../protos/findings/findings.ts';
import type { Connection } from '../facts/connection.ts';
import { Counter } from './counter.ts';

type Dimension = Group['dimension'];

/** Fewer failures than this in a group are chance. */
const leastFailures = 3;
const leastSuccesses = 3;
const failureShare = 0.9;
const successShare = 0.1;
/** Listeners whose groups are kept apart, and values of each property. */
const mostListeners = 64;
const mostValues = 300;

type Side = { total: number; values: Map<Dimension, Counter> };
type ListenerGroups = { failures: Side; unexplained: Side; successes: Side };

/** Whether the connections that fail have something in common that those that do not lack. */
export class Lift {
  readonly #listeners = new Map<string, ListenerGroups>();

  add(connection: Connection, failed: boolean, unexplained: boolean): void {
    let groups = this.#listeners.get(connection.listener);
    if (groups === undefined) {
      if (this.#listeners.size >= mostListeners) return;
      groups = { failures: createSide(), unexplained: createSide(), successes: createSide() };
      this.#listeners.set(connection.listener, groups);
    }
    count(failed ? groups.failures : groups.successes, connection);
    if (unexplained) count(groups.unexplained, connection);
  }

  listeners(): string[] {
    return [...this.#listeners.keys()];
  }

  /** What sets failures nobody can explain apart from the successes of the same listener; null where nothing does. */
  ofUnexplained(listener: string): Group | null {
    const groups = this.#listeners.get(listener);
    return groups === undefined ? null : bestGroup(groups.unexplained, groups.successes);
  }

  /** What sets these failures apart from the successes of the listeners they happened on. */
  of(failures: FailureGroups, listeners: readonly string[]): Group | null {
    const successes = createSide();
    for (const listener of listeners) {
      const groups = this.#listeners.get(listener);
      if (groups !== undefined) merge(successes, groups.successes);
    }
    return bestGroup(failures.side, successes);
  }
}

/** The properties of the clients of one finding. */
export class FailureGroups {
  readonly side: Side = createSide();

  add(connection: Connection): void {
    count(this.side, connection);
  }
}

function createSide(): Side {
  return { total: 0, values: new Map() };
}

function count(side: Side, connection: Connection): void {
  side.total += 1;
  const { tlsIn } = connection;
  note(side, 'issuer', tlsIn?.certificate?.issuer ?? null);
  note(side, 'subject', tlsIn?.certificate?.subject ?? null);
  note(side, 'sni', tlsIn?.sni ?? null);
  note(side, 'tls_version', tlsIn?.version ?? versionOfJa4(tlsIn?.ja4 ?? null));
  note(side, 'alpn', tlsIn?.firstOffer ?? tlsIn?.alpn ?? null);
  note(side, 'ja4', tlsIn?.ja4 ?? null);
  note(side, 'client_ip', connection.clientIp);
}

function note(side: Side, dimension: Dimension, value: string | null): void {
  if (value === null || value === '') return;
  let values = side.values.get(dimension);
  if (values === undefined) {
    values = new Counter(mostValues);
    side.values.set(dimension, values);
  }
  values.add(value);
}

function merge(into: Side, other: Side): void {
  into.total += other.total;
  for (const [dimension, counter] of other.values) {
    let values = into.values.get(dimension);
    if (values === undefined) {
      values = new Counter(mostValues);
      into.values.set(dimension, values);
    }
    for (const { value, count: times } of counter.top(mostValues)) values.add(value, times);
  }
}

/** The property that explains most; of equal ones the first of the order in which a person would ask. */
function bestGroup(failures: Side, successes: Side): Group | null {
  if (failures.total < leastFailures || successes.total < leastSuccesses) return null;
  let best: Group | null = null;
  for (const [dimension, counter] of failures.values) {
    const [top] = counter.top(1);
    if (top === undefined) continue;
    const well = successes.values.get(dimension)?.get(top.value) ?? 0;
    if (top.count / failures.total < failureShare || well / successes.total > successShare) continue;
    const group: Group = {
      dimension,
      value: top.value,
      failures: top.count,
      of_failures: failures.total,
      successes: well,
      of_successes: successes.total,
    };
    if (best === null || lead(group) > lead(best)) best = group;
  }
  return best;
}

function lead(group: Group): number {
  return group.failures / group.of_failures - group.successes / group.of_successes;
}

/** A handshake that failed agreed on no version; JA4 tells the best one offered. */
function versionOfJa4(ja4: string | null): string | null {
  const version = /^t(\d)(\d)/.exec(ja4 ?? '');
  if (version === null) return null;
  return `TLSv${version[1]}${version[2] === '0' ? '' : `.${version[2]}`}`;
}
