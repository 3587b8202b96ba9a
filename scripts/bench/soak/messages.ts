/** What the soak says to a generator process, and what it hears from it. */
export type ToGenerator =
  | {
      kind: 'open';
      port: number;
      /** The loopback address these connections come from; each has its own ephemeral ports. */
      localAddress: string;
      idle: number;
      active: number;
      /** Handshakes under way at once. */
      concurrency: number;
    }
  /** Every active connection sends this many GETs a second, at evenly spread moments. */
  | { kind: 'send'; ratePerConnection: number }
  /** Let open requests end, then close every connection. */
  | { kind: 'close' };

export type FromGenerator =
  | { kind: 'opened'; idle: number; active: number; failures: Failures }
  | { kind: 'closed'; tally: Tally };

/** What went wrong, in words, and how often. */
export type Failures = Record<string, number>;

export type Tally = {
  /** Connections that were still open when they were to be closed. */
  held: number;
  /** Requests answered 200 with their whole body. */
  answered: number;
  failures: Failures;
};

export function addFailures(into: Failures, more: Failures): void {
  for (const [words, count] of Object.entries(more)) into[words] = (into[words] ?? 0) + count;
}
