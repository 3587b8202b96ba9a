/** grpc/doc/statuscodes.md, by number. */
export const statusNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export type Status = { code: number; message: string };

export function statusName(code: number): string {
  return statusNames[code] ?? String(code);
}

/** grpc/doc/http-grpc-status-mapping.md: what an answer without grpc-status means. */
export function statusOfHttp(httpStatus: number): number {
  switch (httpStatus) {
    case 400:
    case 431:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}

/** grpc/doc/PROTOCOL-HTTP2.md, "Errors": what an RST_STREAM code means. */
export function statusOfRst(code: number): number {
  switch (code) {
    case 7:
      return 14;
    case 8:
      return 1;
    case 11:
      return 8;
    case 12:
      return 7;
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 6:
    case 9:
    case 10:
      return 13;
    default:
      return 2;
  }
}

/** grpc-message is percent-encoded UTF-8; what is not valid is shown as it came. */
export function decodeMessage(value: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < value.length; at++) {
    const hex = value[at] === '%' ? value.slice(at + 1, at + 3) : '';
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else bytes.push(...Buffer.from(value[at]!));
  }
  return Buffer.from(bytes).toString('utf8');
}
