import type { Anomaly } from './anomalies.ts';
import type { Exchange } from './exchange.ts';
import { contentLength, type Framing, recordedLength, requestFraming } from './framing.ts';
import { headLines, type KnownFields, parseFields } from './head.ts';
import { tidOfTarget, traceIdOf } from './identity.ts';
import { parseRequestLine, type RequestLine } from './start-line.ts';

/** Fill the request of an exchange from its head; gives back how the body ends. */
export function readRequestHead(text: string, exchange: Exchange, note: (anomaly: Anomaly) => void): Framing {
  const lines = headLines(text, note);
  const line = parseRequestLine(lines[0]!, note);
  if (line === null) return { kind: 'unknown', anomaly: 'invalid_request_line' };
  const { fields, known } = parseFields(lines, 1, note);
  setTarget(exchange, line);
  exchange.request.fields = fields;
  exchange.request.upgrade = known.upgrade;
  exchange.tid ??= known.tid;
  exchange.traceId = traceIdOf(known.traceparent);
  const uriAuthority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(line.target)?.[1] ?? null;
  exchange.request.authority = known.host ?? uriAuthority ?? (line.method === 'CONNECT' ? line.target : null);
  noteHosts(line, known, uriAuthority, note);
  const length = contentLength(known, note);
  exchange.request.contentLength = recordedLength(length);
  return requestFraming(known, line.minorVersion, length, note);
}

/** What a head that was cut still tells: the target, when its whole line is there. */
export function readPartialRequestHead(text: string, exchange: Exchange): void {
  const end = text.indexOf('\n');
  const line = end < 0 ? null : parseRequestLine(text.slice(0, end).replace(/\r$/, ''), () => {});
  if (line !== null) setTarget(exchange, line);
}

function setTarget(exchange: Exchange, line: RequestLine): void {
  exchange.request.method = line.method;
  exchange.request.target = line.target;
  exchange.tid = tidOfTarget(line.target);
}

function noteHosts(
  line: RequestLine,
  known: KnownFields,
  uriAuthority: string | null,
  note: (anomaly: Anomaly) => void,
): void {
  if (known.host === null && line.minorVersion === 1) note('missing_host');
  if (known.hostCount > 1) note('duplicate_host');
  if (
    uriAuthority !== null &&
    known.host !== null &&
    uriAuthority.toLowerCase() !== known.host.toLowerCase()
  ) {
    note('absolute_uri_host_mismatch');
  }
}
