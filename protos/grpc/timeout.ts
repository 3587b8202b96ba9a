/**
 * `grpc-timeout` in milliseconds, with a fraction for smaller units; null when it breaks the grammar: one to eight digits
 * and a unit out of H M S m u n (gRPC over HTTP/2, "Timeout").
 */
export function parseGrpcTimeout(value: string): number | null {
  const match = /^(\d{1,8})([HMSmun])$/.exec(value);
  return match === null ? null : Number(match[1]) * unitMs[match[2] as Unit];
}

/** The finest unit that holds `timeoutMs` in eight digits, rounded up so that a deadline never comes early. */
export function formatGrpcTimeout(timeoutMs: number): string {
  for (const unit of ['n', 'u', 'm', 'S', 'M', 'H'] as const) {
    const amount = Math.ceil(timeoutMs * perMs[unit]);
    if (amount <= 99_999_999) return `${amount}${unit}`;
  }
  return '99999999H';
}

type Unit = keyof typeof unitMs;

const unitMs = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 } as const;
const perMs = { H: 1 / 3_600_000, M: 1 / 60_000, S: 1e-3, m: 1, u: 1e3, n: 1e6 } as const;
