import { flat } from '../../protos/text/flat.ts';
import type { ConnectionContext } from '../connection/context.ts';
import { type Fields, type FieldsJson, fieldListJson, fieldsJson } from './field-json.ts';
import { maybeText, text, tlsParameters } from './line-parts.ts';
import { type Redaction, redactFields } from './redaction.ts';

/**
 * What every record of one connection repeats, as JSON made once: of the 8.5 us an event line took, 7 were spent on writing
 * the same texts again and on joining hundreds of pieces.
 */
export type ConnectionJson = {
  readonly clientIp: string;
  readonly clientPort: number;
  readonly upstreamLocal: string | null;
  readonly tlsIn: ConnectionContext['tlsIn'];
  /** `"listener":…,"client_ip":…,"client_port":…` */
  readonly client: string;
  /** `client`, then `"upstream_addr":…`. */
  readonly route: string;
  /** `"peer_ip":…,"peer_port":…` */
  readonly peer: string;
  /** `peer`, then `"upstream_local":…`. */
  readonly peerAndUpstream: string;
  /** The value of an event's `tls`. */
  readonly tls: string;
  readonly request: FieldsCache;
  readonly response: FieldsCache;
};

/** The header fields and trailers written last: equal header blocks of a connection are one and the same list. */
export type FieldsCache = { fields: Fields; of: Fields; json: MessageFieldsJson | null };

/** `list` and `map` as in FieldsJson, and the list of the trailers. */
export type MessageFieldsJson = FieldsJson & { trailers: string };

/** The JSON of a connection as it is now; kept in the context until something of it changes. */
export function connectionJson(context: ConnectionContext, redaction: Redaction): ConnectionJson {
  const kept = context.json;
  if (
    kept !== undefined &&
    kept.clientIp === context.clientIp &&
    kept.clientPort === context.clientPort &&
    kept.upstreamLocal === context.upstreamLocal &&
    kept.tlsIn === context.tlsIn
  )
    return kept;
  context.json = made(context, redaction);
  return context.json;
}

/** A message's fields as a record holds them, redacted; `merge`: the trailers go into the map too, as in a response. */
export function messageFieldsJson(
  cache: FieldsCache,
  fields: Fields,
  trailers: Fields,
  merge: boolean,
  redaction: Redaction,
): MessageFieldsJson {
  const same =
    cache.fields === fields && (cache.of === trailers || (cache.of.length === 0 && trailers.length === 0));
  if (same && cache.json !== null) return cache.json;
  const shownTrailers = redactFields(trailers, redaction);
  const { list, map } = fieldsJson(redactFields(fields, redaction), merge ? shownTrailers : none);
  const json = { list, map, trailers: fieldListJson(shownTrailers) };
  cache.fields = fields;
  cache.of = trailers;
  // Kept from the second time on, and in one piece: written then in 40 ns instead of 700. After the first it would lie there as
  // 90 pieces on every quiet connection, and on a busy one be garbage that has grown old.
  cache.json = same ? { list: flat(list), map: flat(map), trailers: flat(json.trailers) } : null;
  return cache.json ?? json;
}

function made(context: ConnectionContext, redaction: Redaction): ConnectionJson {
  const { clientIp, clientPort, upstreamLocal, tlsIn } = context;
  const client = `"listener":${redaction.listenerJson},"client_ip":${text(clientIp)},"client_port":${clientPort}`;
  const peer = `"peer_ip":${text(context.peerIp)},"peer_port":${context.peerPort}`;
  return {
    clientIp,
    clientPort,
    upstreamLocal,
    tlsIn,
    client: flat(client),
    route: flat(`${client},"upstream_addr":${redaction.upstreamAddrJson}`),
    peer: flat(peer),
    peerAndUpstream: flat(`${peer},"upstream_local":${maybeText(upstreamLocal)}`),
    tls: flat(tlsParameters(tlsIn)),
    request: emptyCache(),
    response: emptyCache(),
  };
}

const none: Fields = [];

const emptyCache = (): FieldsCache => ({ fields: none, of: none, json: null });
