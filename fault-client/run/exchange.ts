import { createHash } from 'node:crypto';
import type { ExchangeResult } from '../../protos/control/fault-client.ts';
import { codeOf, messageOf } from './run-error.ts';

/** One request and its answer while they happen; `result()` may be asked at any time, also after a timeout. */
export class Exchange {
  status: number | null = null;
  headers: [string, string][] = [];
  trailers: [string, string][] = [];
  informational: number[] = [];
  complete = false;
  error: ExchangeResult['error'] = null;
  rstCode: number | null = null;
  grpcStatus: number | null = null;
  grpcMessage: string | null = null;
  grpcMessages: number | null = null;
  trailersOnly: boolean | null = null;
  sentBytes = 0;
  bodyBytes = 0;
  #abandoned = false;
  readonly #sent = createHash('sha256');
  readonly #body = createHash('sha256');

  sent(bytes: Buffer): void {
    this.sentBytes += bytes.length;
    this.#sent.update(bytes);
  }

  received(bytes: Buffer): void {
    this.bodyBytes += bytes.length;
    this.#body.update(bytes);
  }

  /** The first failure stays: what follows it is its consequence. */
  fail(error: unknown): void {
    if (this.#abandoned) return;
    this.error ??= { code: codeOf(error), message: messageOf(error) };
  }

  /** The run itself gives the answer up; what the libraries say about that is no failure. */
  abandon(): void {
    this.#abandoned = true;
  }

  result(): ExchangeResult {
    return {
      status: this.status,
      headers: this.headers,
      trailers: this.trailers,
      informational: this.informational,
      sent_bytes: this.sentBytes,
      sent_sha256: this.#sent.copy().digest('hex'),
      body_bytes: this.bodyBytes,
      body_sha256: this.#body.copy().digest('hex'),
      complete: this.complete,
      error: this.error,
      rst_code: this.rstCode,
      grpc_status: this.grpcStatus,
      grpc_message: this.grpcMessage,
      grpc_messages: this.grpcMessages,
      trailers_only: this.trailersOnly,
    };
  }
}

/** A flat list of names and values, as Node gives raw headers, in pairs. */
export function headerPairs(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at]!, raw[at + 1]!]);
  return pairs;
}
