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
  /** Its attempts run one after the other. */
  serial: boolean;
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
    const alone = apart || instance.isolate || counted ? instance.tid : null;
    const listenerKey = canonical([settings, instance.upstream, alone]);
    if (!listeners.has(listenerKey)) {
      const name = `case-${listeners.size + 1}`;
      listeners.set(listenerKey, {
        key: listenerKey,
        name,
        config: settings,
        endpoint: typeof instance.upstream === 'string' ? null : { name, ...instance.upstream },
        address: addressOf(instance.upstream),
        isolated: instance.isolate === true,
        writer: instance,
      });
    }
    const clients = clientsOf(instance, settings.tls !== false);
    return { instance, listenerKey, clients, counted, serial: apart || counted };
  });
  return { cases, listeners };
}

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

function clientsOf(instance: CaseInstance, listenerHasTls: boolean): PlannedCase['clients'] {
  const written: NonNullable<CaseInstance['clients']> = instance.clients ?? [
    { name: 'client', ...instance.client! },
  ];
  return written.map(({ name, after = null, tls, ...rest }) => {
    const spec: Omit<ClientSpec, 'target' | 'bind'> = { ...(rest as Omit<ClientSpec, 'target' | 'bind'>) };
    const usual = listenerHasTls && rest.proto !== 'raw' ? {} : undefined;
    const chosen = tls === false ? undefined : (tls ?? usual);
    return { name, after, spec: chosen === undefined ? spec : { ...spec, tls: chosen } };
  });
}
