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
};
