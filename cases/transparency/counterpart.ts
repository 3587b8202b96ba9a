import type { EndpointSpec, EndpointTls } from '../../protos/control/fault-server.ts';
import { isObject } from '../json.ts';
import type { PlannedCase, PlannedListener } from '../plan/plan.ts';

/** What a case would be without the proxy: the same clients, on an endpoint of their own that meets the same fault. */
export type Counterpart = {
  endpoint: Omit<EndpointSpec, 'name' | 'host' | 'port'>;
  clients: PlannedCase['clients'];
  /** TLS on the proxied client's leg, on the proxied upstream's, and on the only one of the counterpart. */
  tls: { client: boolean; upstream: boolean; direct: boolean };
};

/** Why a case has no counterpart: a few words that are the same for all cases of their kind, and what the case says itself. */
export type NoCounterpart = { group: string; reason: string };

/**
 * The counterpart of a case, or why the proxy cannot be a pure relay in it. Decided by what is written (the listener, the faults,
 * what the case expects), never by what the proxy did or recorded: a proxy must not choose what it is compared in.
 */
export function counterpartOf(planned: PlannedCase, listener: PlannedListener): Counterpart | NoCounterpart {
  const { instance } = planned;
  if (instance.direct && 'skip' in instance.direct)
    return { group: 'the case says why', reason: instance.direct.skip };
  const { endpoint } = listener;
  if (endpoint === null) return because('there is no upstream');
  if (instance.proxy !== undefined) return because('the proxy is stopped in the middle');
  if (instance.tags.includes('large')) return because('a body too large to be sent twice');
  if (planned.bystanderKey !== null) return because('what the proxy costs is measured');
  const own = ownAct(instance.expect.records);
  if (own !== null) return because(own);
  if (asksForCertificates(endpoint.tls, listener)) return because('each leg has certificates of its own');
  const { name: _, ...spec } = endpoint;
  const tls = {
    client: listener.config.tls !== false,
    upstream: listener.config.upstream.tls !== false,
  };
  if (tls.client === tls.upstream)
    return {
      endpoint: spec.tls ? { ...spec, tls: { ...spec.tls, ...identityFor(listener) } } : spec,
      clients: planned.clients,
      tls: { ...tls, direct: tls.client },
    };
  if (!tls.client) return because('only the upstream speaks TLS');
  const isBelow = isBelowTls(endpoint.fault?.id);
  const plainly = planned.clients.every(({ spec: { fault } }) => fault === undefined) && isBelow;
  if (plainly || planned.clients.every(canSpeakPlainly))
    return { endpoint: spec, clients: planned.clients.map(withoutTls), tls: { ...tls, direct: false } };
  if (isBelowTls(endpoint.fault?.id))
    return because('both ends break what lies below TLS, and only the client has it');
  return {
    endpoint: { ...spec, tls: listenerAlpn(listener) },
    clients: planned.clients,
    tls: { ...tls, direct: true },
  };
}

function because(group: string): NoCounterpart {
  return { group, reason: group };
}

/** What a case expects the proxy to do by itself, where a relay would do nothing. */
function ownAct(rules: Record<string, unknown>[]): string | null {
  const some = (wanted: (rule: Record<string, unknown>) => boolean) => rules.some((rule) => wanted(rule));
  if (some(({ local_reply }) => local_reply === true)) return 'the proxy answers itself';
  if (some(({ kind, side, outcome }) => kind === 'tls' && side === 'in' && outcome === 'fail'))
    return "the client fails in the proxy's own handshake";
  if (some(({ kind, side, outcome }) => kind === 'tls' && side === 'out' && outcome === 'fail'))
    return "the upstream fails in the proxy's own handshake";
  if (some(({ closed_by, close_reason }) => closed_by === 'proxy' || close_reason === 'proxy_protocol_error'))
    return 'the proxy ends the connection by a limit or a refusal';
  return null;
}

/** A certificate that is asked for or shown on one leg has no place on the other. */
function asksForCertificates(endpointTls: EndpointTls | undefined, { config }: PlannedListener): boolean {
  const asked = (endpointTls?.clientCert ?? 'none') !== 'none';
  return asked || (isObject(config.tls) && config.tls.require_client_cert === true);
}

/**
 * Clients that own their bytes above TLS have a `plaintext` of their own. A library ends a TLS connection in other steps than
 * a plaintext one: it keeps its TLS.
 */
function canSpeakPlainly({ spec }: PlannedCase['clients'][number]): boolean {
  return spec.proto === 'raw' && spec.fault !== undefined && /^(h1|h2|grpc)-/.test(spec.fault.id);
}

function isBelowTls(fault: string | undefined): boolean {
  return fault !== undefined && /^(tcp|tls)-/.test(fault);
}

/** Without its TLS a client would name its target instead of the server: what it says as Host stays what it was. */
function withoutTls({ spec, ...client }: PlannedCase['clients'][number]): PlannedCase['clients'][number] {
  const { tls, ...plain } = spec;
  if (plain.proto === 'raw' && plain.fault) {
    const fault = { ...plain.fault, params: { ...plain.fault.params, plaintext: true } };
    return { ...client, spec: { ...plain, fault } };
  }
  const headers = plain.request?.headers ?? [];
  const named = plain.proto !== 'h1' || headers.some(([name]) => name.toLowerCase() === 'host');
  if (!tls || named) return { ...client, spec: plain };
  const host: [string, string] = ['Host', tls.servername || 'localhost'];
  return { ...client, spec: { ...plain, request: { ...plain.request, headers: [host, ...headers] } } };
}

/** A certificate that the proxy is told not to verify is a fact of its leg: the client would refuse it. */
function identityFor({ config }: PlannedListener): EndpointTls {
  return config.upstream.verify === false ? { cert: 'server' } : {};
}

/** What the endpoint must offer so that the client agrees with it on what it agrees on with the listener. */
function listenerAlpn({ config }: PlannedListener): EndpointTls {
  const alpn = isObject(config.tls) ? (config.tls.alpn as string[] | undefined) : undefined;
  return alpn === undefined ? {} : { alpn };
}
