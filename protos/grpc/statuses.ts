/** gRPC status codes: https://grpc.github.io/grpc/core/md_doc_statuscodes.html. */
export const statuses = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type StatusName = keyof typeof statuses;

/** The name of a status, or the number in decimal when gRPC does not name it. */
export function statusName(code: number): string {
  return names[code] ?? String(code);
}

/** The status that a client reports for an HTTP status without `grpc-status` (gRPC: http-grpc-status-mapping). */
export function statusOfHttp(httpStatus: number): number {
  return httpStatuses[httpStatus] ?? statuses.UNKNOWN;
}

/** The status that a client reports for RST_STREAM with this code (gRPC over HTTP/2, "Errors"). */
export function statusOfReset(errorCode: number): number {
  return resetStatuses[errorCode] ?? statuses.UNKNOWN;
}

const names = Object.keys(statuses);

const httpStatuses: Readonly<Record<number, number>> = {
  400: statuses.INTERNAL,
  401: statuses.UNAUTHENTICATED,
  403: statuses.PERMISSION_DENIED,
  404: statuses.UNIMPLEMENTED,
  429: statuses.UNAVAILABLE,
  431: statuses.INTERNAL,
  502: statuses.UNAVAILABLE,
  503: statuses.UNAVAILABLE,
  504: statuses.UNAVAILABLE,
};

const resetStatuses: Readonly<Record<number, number>> = {
  0: statuses.INTERNAL,
  1: statuses.INTERNAL,
  2: statuses.INTERNAL,
  3: statuses.INTERNAL,
  4: statuses.INTERNAL,
  6: statuses.INTERNAL,
  7: statuses.UNAVAILABLE,
  8: statuses.CANCELLED,
  9: statuses.INTERNAL,
  10: statuses.INTERNAL,
  11: statuses.RESOURCE_EXHAUSTED,
  12: statuses.PERMISSION_DENIED,
};
