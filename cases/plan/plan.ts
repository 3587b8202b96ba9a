import type { ClientSpec } from '../../protos/control/fault-client.ts';
import type { EndpointSpec } from '../../protos/control/fault-server.ts';
import { canonical, deepMerge } from '../json.ts';
import type { CaseInstance } from '../load/catalog.ts';

/** What a case needs around it, before anything has a port. */
export type PlannedCase = {
  instance: CaseInstance;
  /** Cases with the same key share one listener of the proxy. */
  listenerKey: string;
  clients: { name: string; after: string | null; spec: Omit<ClientSpec, 'target' | 'bind'> }[];
  /** Its upstream counts connections: its attempts run one after the other, each from the first connection on. */
  counted: boolean;
  /** Attempts with the same turn run one after the other. */
  turn: string | null;
  /** Harmless work of the size of the clients', done before them over the bystander's listener. */
  twin: PlannedCase['clients'];
  /** Where the bystander is served, for a case that says what the proxy may cost. */
  bystanderKey: string | null;
};

export type PlannedListener = {
  key: string;
  name: string;
  /** 1.50 configuration keys; `upstream.addr` and file paths are filled in when the endpoint is open. */
  config: ListenerSettings;
  endpoint: Omit<EndpointSpec, 'host' | 'port'> | null;
  /** Where there is nothing to dial. */
  address: string | null;
  isolated: boolean;
  /** Listeners of the same lane are in the same process: that of one isolated case, or one that several cases share. */
  lane: string | null;
  sharesLane: boolean;
  /** Its endpoint is served by a process that serves nothing else but what is measured. */
  quiet: boolean;
  /** The first case that asked for it. */
  writer: CaseInstance;
};

export type ListenerSettings = {
  listen: string;
  tls: Record<string, unknown> | false;
  upstream: Record<string, unknown>;
  policy?: Record<string, unknown>;
  proxy_protocol?: Record<string, unknown>;
  logging: Record<string, unknown>;
  [key: string]: unknown;
};

export type Plan = { cases: PlannedCase[]; listeners: Map<string, PlannedListener> };

/** A port of the privileged range on an address of loopback nobody uses: the connection is refused at once. */
const refusedAddress = '127.255.255.254:1';
/** RFC 6761: `.invalid` never resolves. */
const unresolvableAddress = 'upstream.invalid:443';
/** The broadcast address: no TCP connection can go there (RFC 9293 3.9.1.1, ENETUNREACH). */
const unroutableAddress = '255.255.255.255:9';

/** `apart`: no two cases share a listener, so that its name alone tells whose a record is. */
export function plan(instances: CaseInstance[], apart = false): Plan {
  const listeners = new Map<string, PlannedListener>();
  const cases = instances.map((instance) => {
    const settings = listenerSettings(instance);
    const counted = typeof instance.upstream !== 'string' && instance.upstream.fault?.only !== undefined;
    const sharesLane = typeof instance.isolate === 'string';
    const lane = sharesLane ? String(instance.isolate) : instance.isolate ? instance.tid : null;
    const alone = sharesLane ? [lane] : apart || lane !== null || counted ? instance.tid : null;
    const add = (shape: CaseInstance, config: ListenerSettings, quiet: boolean): string => {
      const key = canonical([config, shape.upstream, alone, quiet]);
      const name = `case-${listeners.size + 1}`;
      if (!listeners.has(key))
        listeners.set(key, {
          key,
          name,
          config,
          endpoint: typeof shape.upstream === 'string' ? null : { name, ...shape.upstream },
          address: addressOf(shape.upstream),
          isolated: lane !== null,
          lane,
          sharesLane,
          quiet,
          writer: instance,
        });
      return key;
    };
    const listenerKey = add(instance, settings, false);
    const measured = isMeasured(instance);
    const good: CaseInstance = { ...instance, listener: quietLogging, upstream: goodUpstream };
    return {
      instance,
      listenerKey,
      clients: clientsOf(instance.clients ?? instance.client!, settings.tls !== false),
      counted,
      turn: sharesLane ? `lane ${lane}` : apart || counted ? listenerKey : null,
      twin: instance.twin === undefined ? [] : clientsOf(instance.twin, true),
      bystanderKey: measured ? add(good, listenerSettings(good), true) : null,
    };
  });
  return { cases, listeners };
}

/** The case says what the proxy may cost: it is measured from outside, with a bystander. */
export function isMeasured({ expect }: Pick<CaseInstance, 'expect'>): boolean {
  return (
    expect.proxy?.rss_growth_max_bytes_per_connection !== undefined || expect.proxy?.bystander !== undefined
  );
}

const goodUpstream = { kind: 'http' } as const;
const quietLogging = { logging: { log_body: false } };

function addressOf(upstream: CaseInstance['upstream']): string | null {
  if (upstream === 'refused') return refusedAddress;
  if (upstream === 'unroutable') return unroutableAddress;
  return upstream === 'unresolvable' ? unresolvableAddress : null;
}

function listenerSettings(instance: CaseInstance): ListenerSettings {
  const { upstream } = instance;
  const upstreamTls = typeof upstream === 'string' || upstream.tls !== undefined;
  const usual = {
    listen: '127.0.0.1:0',
    tls: { cert: 'fixture:server', key: 'fixture:server', alpn: ['h2', 'http/1.1'] },
    upstream: upstreamTls
      ? { tls: true, server_name: 'localhost', verify: true, ca: 'fixture:ca', alpn: ['h2', 'http/1.1'] }
      : { tls: false },
    logging: { log_headers: true, log_body: true, h2_control_events: true },
  };
  return deepMerge(usual, instance.listener ?? {}) as ListenerSettings;
}

function clientsOf(
  given: NonNullable<CaseInstance['clients'] | CaseInstance['client']>,
  listenerHasTls: boolean,
): PlannedCase['clients'] {
  const written = Array.isArray(given) ? given : [{ name: 'client', ...given }];
  const all = written.flatMap(({ copies = 1, ...client }) =>
    Array.from({ length: copies }, (_unused, index) => ({ ...client, name: copyName(client.name, index) })),
  );
  return all.map(({ name, after = null, tls, ...rest }) => {
    const spec: Omit<ClientSpec, 'target' | 'bind'> = { ...(rest as Omit<ClientSpec, 'target' | 'bind'>) };
    const usual = listenerHasTls && rest.proto !== 'raw' ? {} : undefined;
    const chosen = tls === false ? undefined : (tls ?? usual);
    return { name, after, spec: chosen === undefined ? spec : { ...spec, tls: chosen } };
  });
}

/** The first copy has the name of the client. */
function copyName(name: string, index: number): string {
  return index === 0 ? name : `${name}#${index + 1}`;
}

/** The client that a copy is one of. */
export function originalName(name: string): string {
  return name.replace(/#\d+$/, '');
}
