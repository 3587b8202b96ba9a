import type { Anomaly } from './anomalies.ts';
import type { Exchange } from './exchange.ts';
import { contentLength, isInformational, recordedLength, responseFraming } from './framing.ts';
import { headLines, parseFields } from './head.ts';
import type { HeadVerdict } from './message-parser.ts';
import { parseStatusLine } from './start-line.ts';

/** As many 1xx responses are listed. */
const MAX_INFORMATIONAL = 32;

/** Fill the response of an exchange from a head; an informational one is only counted. */
export function readResponseHead(
  text: string,
  exchange: Exchange,
  note: (anomaly: Anomaly) => void,
): HeadVerdict {
  const lines = headLines(text, note);
  const line = parseStatusLine(lines[0]!, note);
  if (line === null) return { kind: 'unknown', anomaly: 'invalid_status_line' };
  const { fields, known } = parseFields(lines, 1, note);
  const { method, upgrade } = exchange.request;
  const length = contentLength(known, note);
  const framing = responseFraming(known, line, method, length, note);
  if (isInformational(line.status) && line.status !== 101) {
    if (exchange.informational.length < MAX_INFORMATIONAL)
      exchange.informational = [...exchange.informational, line.status];
    return framing;
  }
  exchange.response.headSeen = true;
  exchange.response.status = line.status;
  exchange.response.fields = fields;
  exchange.response.contentLength = recordedLength(length);
  if (line.status === 101) {
    if (!upgrade) note('unrequested_upgrade');
    return { kind: 'tunnel' };
  }
  return method === 'CONNECT' && line.status < 300 ? { kind: 'tunnel' } : framing;
}
