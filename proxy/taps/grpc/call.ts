import { MessageCounter } from '../../../protos/grpc/framing.ts';
import { decodeGrpcMessage } from '../../../protos/grpc/message-encoding.ts';
import { parseGrpcTimeout } from '../../../protos/grpc/timeout.ts';
import type { Anomaly } from '../h2/anomalies.ts';
import type { HeaderFacts } from '../h2/header-facts.ts';
import { grpcTarget } from './target.ts';

/** True for every gRPC, grpc-web included, as 1.50 counted it. */
export function isGrpc(contentType: string | null): boolean {
  return contentType?.startsWith('application/grpc') ?? false;
}

/** One call: what its event says beyond HTTP. Messages are counted while they pass and never kept. */
export class GrpcCall {
  readonly service: string | null;
  readonly method: string | null;
  readonly timeoutMs: number | null;
  /** Null for grpc-web, which frames its trailers as a message and may be base64. */
  readonly requestMessages: MessageCounter | null;
  responseMessages: MessageCounter | null = null;
  /** The response is gRPC whose messages cannot be told (grpc-web). */
  responseUncounted = false;
  readonly #anomalies: Anomaly[] = [];
  readonly #requestEncoding: string | null;
  #responseEncoding: string | null = null;

  constructor(request: HeaderFacts) {
    const target = grpcTarget(request.path);
    this.service = target.service;
    this.method = target.method;
    if (target.service === null || target.method === null) this.#anomalies.push('grpc_bad_path');
    this.timeoutMs = request.grpcTimeout === null ? null : parseGrpcTimeout(request.grpcTimeout);
    if (request.grpcTimeout !== null && this.timeoutMs === null) this.#anomalies.push('grpc_timeout_invalid');
    this.requestMessages = isLengthPrefixed(request.contentType) ? new MessageCounter() : null;
    this.#requestEncoding = request.grpcEncoding;
  }

  response(response: HeaderFacts): void {
    this.#responseEncoding = response.grpcEncoding;
    if (!isGrpc(response.contentType)) {
      // Trailers-Only may leave the type out where there is no body; a body of another type holds no messages.
      if (response.contentType !== null || response.grpcStatus === null)
        this.#anomalies.push('grpc_bad_content_type');
    } else if (isLengthPrefixed(response.contentType)) this.responseMessages = new MessageCounter();
    else this.responseUncounted = true;
  }

  /** The outcome told by the last header list of the response; `answered` when that side has ended its half. */
  outcome(last: HeaderFacts | null, answered: boolean): { status: number | null; message: string | null } {
    const raw = last?.grpcStatus ?? null;
    const status = raw !== null && /^\d{1,9}$/.test(raw) ? Number(raw) : null;
    if (raw === null) {
      if (answered) this.#anomalies.push('grpc_status_missing');
    } else if (!/^(\d|1[0-6])$/.test(raw)) this.#anomalies.push('grpc_status_invalid');
    return { status, message: last?.grpcMessage == null ? null : decodeGrpcMessage(last.grpcMessage) };
  }

  /** Call once, after the outcome. `…Ended`: that side ended its half by END_STREAM. */
  anomalies(requestEnded: boolean, responseEnded: boolean): Anomaly[] {
    checkMessages(this.requestMessages, this.#requestEncoding, requestEnded, this.#anomalies);
    checkMessages(this.responseMessages, this.#responseEncoding, responseEnded, this.#anomalies);
    return this.#anomalies;
  }
}

function checkMessages(
  counter: MessageCounter | null,
  encoding: string | null,
  ended: boolean,
  odd: Anomaly[],
): void {
  if (counter === null) return;
  if (counter.badFlag) odd.push('grpc_bad_flag');
  if (counter.compressed > 0 && (encoding === null || encoding === 'identity')) {
    odd.push('grpc_compressed_without_encoding');
  }
  if (ended && counter.midMessage) odd.push('grpc_truncated_message');
}

function isLengthPrefixed(contentType: string | null): boolean {
  return contentType !== null && /^application\/grpc(?:$|[+; ])/.test(contentType);
}
