import { frameHeaderBytes, frameTypes } from '../../../protos/h2/constants.ts';
import type { Anomaly } from './anomalies.ts';
import { isToken } from './head.ts';
import type { StartRule } from './message-parser.ts';

/** A request begins with a method, which is a token (RFC 9112 3). */
export const requestStart: StartRule = {
  length: 1,
  anomaly: 'invalid_request_line',
  accepts: (byte) => isToken(String.fromCharCode(byte)),
};

/** A response begins with its version (RFC 9112 4). */
export const responseStart: StartRule = {
  length: 5,
  anomaly: 'invalid_status_line',
  accepts: (byte, index) => byte === 'HTTP/'.charCodeAt(index),
  recognise: protocolOf,
};

/** An answer that is no HTTP/1: a TLS record (RFC 8446 5.1), or the frame an HTTP/2 peer begins or gives up with. */
function protocolOf(start: Buffer): Anomaly | null {
  const isTls = (start[0] === 0x15 || start[0] === 0x16) && start[1] === 0x03 && (start[2] ?? 0) <= 0x04;
  if (isTls && start.length >= 3) return 'tls_answer';
  if (start.length < frameHeaderBytes) return null;
  const [type, streamId] = [start[3], start.readUInt32BE(5)];
  const isH2 = streamId === 0 && (type === frameTypes.SETTINGS || type === frameTypes.GOAWAY);
  return isH2 && start.readUIntBE(0, 3) <= 16384 ? 'http2_answer' : null;
}
