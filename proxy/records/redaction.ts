import type { ListenerConfig } from '../config/types.ts';
import type { Fields } from './field-json.ts';

/** What a listener's records must hide, prepared once per listener, with its constant values already as JSON. */
export type Redaction = {
  listenerJson: string;
  upstreamAddrJson: string;
  logHeaders: boolean;
  headers: ReadonlySet<string>;
  query: ReadonlySet<string>;
  /** What is done to a field, by its name as sent: names repeat, and lower-casing each again took half a microsecond a record. */
  fields: Map<string, 'hide' | 'uri' | 'show'>;
};

const HIDDEN = '***';
/** Fields whose value is a URI: a hidden query parameter must not come back through them (RFC 9110 10.1.3, 10.2.2, 8.7). */
const URI_FIELDS: ReadonlySet<string> = new Set([':path', 'referer', 'location', 'content-location']);
const prepared = new WeakMap<ListenerConfig, Redaction>();

export function redactionOf(listener: ListenerConfig): Redaction {
  let redaction = prepared.get(listener);
  if (redaction === undefined) {
    redaction = {
      listenerJson: JSON.stringify(listener.name),
      upstreamAddrJson: JSON.stringify(listener.upstream.addr),
      logHeaders: listener.logging.logHeaders,
      headers: new Set(listener.logging.redactHeaders.map((name) => name.toLowerCase())),
      query: new Set(listener.logging.redactQuery.map((name) => name.toLowerCase())),
      fields: new Map(),
    };
    prepared.set(listener, redaction);
  }
  return redaction;
}

/** Fields as they may be written: none when headers are not logged, values of hidden names replaced. */
export function redactFields(fields: Fields, redaction: Redaction): Fields {
  if (!redaction.logHeaders) return [];
  if (redaction.headers.size === 0 && redaction.query.size === 0) return fields;
  let changed: [string, string][] | null = null;
  for (let i = 0; i < fields.length; i++) {
    const [name, value] = fields[i]!;
    const treatment = redaction.fields.get(name) ?? treatmentOf(name, redaction);
    if (treatment === 'show') continue;
    const shown = treatment === 'hide' ? HIDDEN : redactQuery(value, redaction);
    if (shown !== value) {
      changed ??= fields.map(([n, v]) => [n, v]);
      changed[i]![1] = shown;
    }
  }
  return changed ?? fields;
}

function treatmentOf(name: string, redaction: Redaction): 'hide' | 'uri' | 'show' {
  const lower = name.toLowerCase();
  const uri = redaction.query.size > 0 && URI_FIELDS.has(lower);
  const treatment = redaction.headers.has(lower) ? 'hide' : uri ? 'uri' : 'show';
  // A peer may send any number of names.
  if (redaction.fields.size < 1000 && name.length < 64) redaction.fields.set(name, treatment);
  return treatment;
}

/** A request target with the values of hidden query parameters replaced; everything else byte for byte. */
export function redactQuery(target: string, redaction: Redaction): string {
  if (redaction.query.size === 0) return target;
  const mark = target.indexOf('?');
  if (mark === -1) return target;
  // The fragment too: OAuth's implicit grant carries tokens there.
  return (
    target.slice(0, mark + 1) +
    target
      .slice(mark + 1)
      .replace(/([^&;=#?]*)=([^&;#]*)/g, (pair, name: string) =>
        redaction.query.has(decoded(name)) ? `${name}=${HIDDEN}` : pair,
      )
  );
}

export function redactTid(tid: string | null, redaction: Redaction): string | null {
  return redaction.query.has('tid') ? hide(tid) : redactCopy(tid, redaction, tidFields);
}

/** A value that a record repeats outside the field list: hidden where one of the fields it may come from is. */
export function redactCopy(
  value: string | null,
  redaction: Redaction,
  fields: readonly string[],
): string | null {
  return fields.some((field) => redaction.headers.has(field)) ? hide(value) : value;
}

/** A request target where a record repeats it. */
export function redactPath(path: string | null, redaction: Redaction): string | null {
  return redactCopy(path === null ? null : redactQuery(path, redaction), redaction, pathFields);
}

const tidFields = ['x-tid'];
const pathFields = [':path'];

function hide(value: string | null): string | null {
  return value === null ? null : HIDDEN;
}

/** `%74oken` names the same parameter as `token` to the server that decodes it. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' ')).toLowerCase();
  } catch {
    // Not percent-encoding: the name as written is then its only reading.
    return name.toLowerCase();
  }
}
