import type { Anomaly } from './anomalies.ts';
import { type KnownFields, trimOws } from './head.ts';

/** How the end of a body is found (RFC 9112 6.3). `unknown`: it cannot be, the sender is not decoded any further. */
export type Framing =
  | { kind: 'none' }
  | { kind: 'length'; bytes: number }
  | { kind: 'chunked' }
  | { kind: 'until_close' }
  | { kind: 'unknown'; anomaly: Anomaly };

type Note = (anomaly: Anomaly) => void;

/** `length` is what contentLength() says of the same fields, here and below. */
export function requestFraming(
  known: KnownFields,
  minorVersion: number,
  length: ContentLength,
  note: Note,
): Framing {
  const coding = transferCoding(known, minorVersion, note);
  if (coding === 'chunked') return { kind: 'chunked' };
  if (coding === 'other') return { kind: 'unknown', anomaly: 'te_not_chunked' };
  if (length === 'invalid') return { kind: 'unknown', anomaly: 'invalid_content_length' };
  return lengthFraming(length);
}

/** `method` is null when the request is not known. */
export function responseFraming(
  known: KnownFields,
  line: { status: number; minorVersion: number },
  method: string | null,
  length: ContentLength,
  note: Note,
): Framing {
  const coding = transferCoding(known, line.minorVersion, note);
  if (isInformational(line.status) || line.status === 204) {
    if (coding !== null || length !== null) note('length_without_body');
    return { kind: 'none' };
  }
  if (method === 'HEAD' || line.status === 304) return { kind: 'none' };
  if (coding === 'chunked') return { kind: 'chunked' };
  if (coding === 'other' || length === null || length === 'invalid') return { kind: 'until_close' };
  return lengthFraming(length);
}

function lengthFraming(length: number | null | 'huge'): Framing {
  if (length === null || length === 0) return { kind: 'none' };
  return { kind: 'length', bytes: length === 'huge' ? Number.MAX_SAFE_INTEGER : length };
}

/** The value for a record; null where there is none a record can hold. */
export function recordedLength(length: ContentLength): number | null {
  return typeof length === 'number' ? length : null;
}

/** 1xx; a status below 100 is wrong but final. */
export function isInformational(status: number): boolean {
  return status >= 100 && status < 200;
}

/** `huge`: a number no body reaches, so that it is cut by whatever end comes. */
export type ContentLength = number | null | 'invalid' | 'huge';

/** The one Content-Length all lines agree on; null without any. */
export function contentLength(known: KnownFields, note: Note): ContentLength {
  if (known.contentLengths.length === 0) return null;
  const only = known.contentLengths.length === 1 ? known.contentLengths[0]! : '';
  if (/^\d{1,15}$/.test(only)) return Number(only);
  const values = known.contentLengths.join(',').split(',');
  if (values.length > 1) note('duplicate_content_length');
  const first = trimOws(values[0]!);
  const isOne = values.every((value) => trimOws(value) === first);
  if (!isOne || !/^\d+$/.test(first)) {
    note('invalid_content_length');
    return 'invalid';
  }
  if (Number.isSafeInteger(Number(first))) return Number(first);
  note('huge_content_length');
  return 'huge';
}

function transferCoding(known: KnownFields, minorVersion: number, note: Note): 'chunked' | 'other' | null {
  if (known.transferEncodings.length === 0) return null;
  const codings = known.transferEncodings.join(',').split(',');
  const names = codings.map((coding) => trimOws(coding).toLowerCase());
  if (known.contentLengths.length > 0) note('cl_and_te');
  if (minorVersion === 0) note('te_in_http_1_0');
  const chunkedCount = names.filter((name) => name === 'chunked').length;
  if (known.transferEncodings.length > 1 || chunkedCount > 1) note('duplicate_transfer_encoding');
  if (names.at(-1) === 'chunked') return 'chunked';
  note('te_not_chunked');
  return 'other';
}
