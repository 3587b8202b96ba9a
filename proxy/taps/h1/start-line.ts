import type { Anomaly } from './anomalies.ts';
import { isToken } from './head.ts';

/** Null parts could not be told. `version` is the minor version, 1 when it is not HTTP/1.x. */
export type RequestLine = { method: string; target: string; minorVersion: number };
export type StatusLine = { status: number; minorVersion: number };

/** Parse a request line; null when it is not one. More spaces than two are kept in the target and noted. */
export function parseRequestLine(line: string, note: (anomaly: Anomaly) => void): RequestLine | null {
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  const version = versionPattern.exec(line.slice(last + 1));
  if (first <= 0 || last === first || version === null) {
    note('invalid_request_line');
    return null;
  }
  const method = line.slice(0, first);
  const target = line.slice(first + 1, last);
  if (target.includes(' ') || target === '') note('invalid_request_line');
  if (!isToken(method)) note('invalid_method');
  return { method, target, minorVersion: minor(version, note) };
}

/** Parse a status line; null when it is not one. */
export function parseStatusLine(line: string, note: (anomaly: Anomaly) => void): StatusLine | null {
  const match = statusPattern.exec(line);
  if (match === null) {
    note('invalid_status_line');
    return null;
  }
  const status = Number(match[3]);
  if (status < 100 || status > 599) note('invalid_status');
  return { status, minorVersion: minor(match, note) };
}

const versionPattern = /^HTTP\/(\d)\.(\d)$/;
const statusPattern = /^HTTP\/(\d)\.(\d) (\d{1,3})(?: .*)?$/;

function minor(match: RegExpExecArray, note: (anomaly: Anomaly) => void): number {
  const isKnown = match[1] === '1' && (match[2] === '0' || match[2] === '1');
  if (!isKnown) note('invalid_version');
  return isKnown ? Number(match[2]) : 1;
}
