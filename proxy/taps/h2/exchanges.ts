import { errorCodeName, errorCodes } from '../../../protos/h2/constants.ts';
import type { HpackBlock } from '../../../protos/hpack/decoder.ts';
import type { ConnectionContext } from '../../connection/context.ts';
import { GrpcCall, isGrpc } from '../grpc/call.ts';
import type { Side, TapState } from '../tap.ts';
import { BodyCapture } from './body-capture.ts';
import { eventOf, type Failure } from './event.ts';
import { type Exchange, type Half, newExchange, note } from './exchange.ts';
import { type BlockRole, type HeaderFacts, readHeaders, shortened, withoutText } from './header-facts.ts';
import { limits } from './limits.ts';
import { OpenStreams } from './open-streams.ts';

/** Every stream of one connection that is not over; each leaves exactly one event. */
export class Exchanges {
  readonly #context: ConnectionContext;
  readonly #open = new OpenStreams();
  readonly #bodyBudget = { usedBytes: 0 };
  #headerBytes = 0;
  /** Open ones whose response is complete and whose request is not. */
  #answered = 0;
  /** Streams reset while frames of the other side may be on their way, oldest first. */
  #reset: Set<number> | null = null;
  #lastForgottenReset = 0;
  /** Equal blocks are the same object: what was read last time holds again. */
  readonly #lastRead: Record<BlockRole, { block: HpackBlock; cut: boolean; facts: HeaderFacts } | null> = {
    request: null,
    response: null,
    trailers: null,
  };
  /** Of the chunk in hand; set to 0 before each. */
  headerBytesOfChunk = 0;
  lastClientStreamId = 0;
  lastPushedStreamId = 0;
  completed = 0;
  /** Exchanges begun so far: the place of each among them tells what came before it, which the clock of a chunk does not. */
  begun = 0;
  /** The place of the newest of those that had their whole answer. */
  newestAnswered = 0;
  /** The newest breach that the side it was done to let pass. */
  forgiven: TapState['violation'] = null;
  /** Streams beyond the limit, relayed without an event. */
  untracked = 0;
  lastPath: string | null = null;
  lastTid: string | null = null;

  constructor(context: ConnectionContext) {
    this.#context = context;
  }

  get(streamId: number): Exchange | undefined {
    return this.#open.get(streamId);
  }

  /** Oldest first; those whose response is complete too. */
  all(): Exchange[] {
    return this.#open.all();
  }

  /** How many wait for the end of their response. */
  get waiting(): number {
    return this.#open.size - this.#answered;
  }

  /** The oldest that waits for the end of its response. */
  oldestWaiting(): Exchange | undefined {
    let exchange = this.#open.oldest;
    while (exchange?.response.ended) exchange = exchange.newer;
    return exchange ?? undefined;
  }

  everyWaiting(test: (exchange: Exchange) => boolean): boolean {
    for (let exchange = this.#open.oldest; exchange !== null; exchange = exchange.newer)
      if (!exchange.response.ended && !test(exchange)) return false;
    return true;
  }

  /** Reset by a side while the other could not know yet; of a stream so old that it is forgotten, it may have been. */
  wasReset(streamId: number): boolean {
    return (this.#reset?.has(streamId) ?? false) || streamId <= this.#lastForgottenReset;
  }

  isIdle(streamId: number): boolean {
    return (
      streamId > (streamId % 2 === 1 ? this.lastClientStreamId : this.lastPushedStreamId) &&
      this.#open.get(streamId) === undefined
    );
  }

  /** A request opens a stream. Undefined when too many are open. */
  openRequest(streamId: number, block: HpackBlock, endStream: boolean, nowMs: number): Exchange | undefined {
    if (streamId % 2 === 1) this.lastClientStreamId = Math.max(streamId, this.lastClientStreamId);
    const exchange = this.#begin(streamId, block, false, nowMs);
    if (exchange === undefined) return undefined;
    if (streamId % 2 === 0) note(exchange, 'even_stream_id');
    const { headers } = exchange.request;
    if (isGrpc(headers!.contentType)) exchange.grpc = new GrpcCall(headers!);
    exchange.request.body = this.#capture();
    exchange.request.ended = endStream;
    return exchange;
  }

  openPush(streamId: number, block: HpackBlock, nowMs: number): void {
    this.lastPushedStreamId = Math.max(streamId, this.lastPushedStreamId);
    this.#begin(streamId, block, true, nowMs);
  }

  requestTrailers(exchange: Exchange, block: HpackBlock, endStream: boolean, nowMs: number): void {
    this.#trailers(exchange, exchange.request, block, endStream);
    this.endHalf(exchange, exchange.request, endStream, nowMs);
  }

  responseHeaders(exchange: Exchange, block: HpackBlock, endStream: boolean, nowMs: number): void {
    const { response } = exchange;
    if (response.headers !== null) this.#trailers(exchange, response, block, endStream);
    else {
      const facts = this.#read(block, 'response');
      const { status } = facts;
      if (status !== null && status < 200) {
        if (exchange.informational.length < limits.informational) exchange.informational.push(status);
        for (const anomaly of facts.anomalies) note(exchange, anomaly);
        if (endStream) note(exchange, 'informational_end_stream');
      } else {
        response.headers = this.#charged(exchange, facts);
        response.body = this.#capture();
        exchange.headersEndedResponse = endStream;
        exchange.grpc?.response(facts);
      }
    }
    this.endHalf(exchange, response, endStream, nowMs);
  }

  /** END_STREAM on a half, when it is one; both halves ended is the end of the exchange. */
  endHalf(exchange: Exchange, half: Half, endStream: boolean, nowMs: number): void {
    if (!endStream) return;
    half.ended = true;
    if (half === exchange.response) {
      exchange.responseEndedAtMs = nowMs;
      this.#answered++;
    }
    if (exchange.request.ended && exchange.response.ended) this.finish(exchange, nowMs, null);
  }

  rst(streamId: number, by: Side, code: number, nowMs: number): void {
    const exchange = this.#open.get(streamId);
    if (exchange === undefined) return;
    this.#rememberReset(streamId);
    // RFC 9113 section 8.1: after a whole response a server may ask for no more of the request, and a client may stop sending it.
    const harmless =
      exchange.response.ended &&
      (code === errorCodes.NO_ERROR || (by === 'client' && code === errorCodes.CANCEL));
    const failure: Failure = {
      cause: `h2_rst:${errorCodeName(code)}`,
      error: `${by === 'client' ? 'downstream' : 'upstream'} reset: ${code}`,
      errorCode: code,
      timedOut: false,
    };
    this.finish(exchange, nowMs, harmless ? null : failure, code);
  }

  finish(exchange: Exchange, nowMs: number, known: Failure | null, resetCode: number | null = null): void {
    const failure = known ?? statusless(exchange);
    exchange.over = true;
    this.#open.delete(exchange);
    if (exchange.response.ended) this.#answered--;
    this.#headerBytes -= exchange.headerBytes;
    if (failure === null) {
      this.completed++;
      this.forgiven = exchange.breach ?? this.forgiven;
      this.newestAnswered = Math.max(this.newestAnswered, exchange.place);
    }
    this.#context.log.event(this.#context, eventOf(this.#context, exchange, nowMs, failure, resetCode));
  }

  #begin(streamId: number, block: HpackBlock, pushed: boolean, nowMs: number): Exchange | undefined {
    const facts = this.#read(block, 'request');
    if (!pushed) {
      this.lastPath = facts.path;
      this.lastTid = facts.tid;
    }
    if (this.#open.size >= limits.streams) {
      this.untracked++;
      return undefined;
    }
    const exchange = newExchange(streamId, nowMs, pushed, ++this.begun);
    exchange.request.headers = this.#charged(exchange, facts);
    this.#open.add(exchange);
    return exchange;
  }

  #trailers(exchange: Exchange, half: Half, block: HpackBlock, endStream: boolean): void {
    if (!endStream) note(exchange, 'trailers_without_end_stream');
    half.trailers = this.#charged(exchange, this.#read(block, 'trailers'));
  }

  #read(block: HpackBlock, role: BlockRole): HeaderFacts {
    const cut = this.#isTooMuch(block);
    const last = this.#lastRead[role];
    if (last?.block === block && last.cut === cut) return last.facts;
    const facts = readHeaders(cut ? shortened(block) : block, role);
    this.#lastRead[role] = { block, cut, facts };
    return facts;
  }

  /** A byte can name 4 KiB of the dynamic table: without a bound 40 bytes each would ask for records of 128 KiB. */
  #isTooMuch({ listBytes }: HpackBlock): boolean {
    this.headerBytesOfChunk += Math.min(listBytes, limits.headerListBytes);
    return this.headerBytesOfChunk > limits.headerBytesOfChunk && listBytes > limits.shortListBytes;
  }

  /** The facts as the exchange keeps them: with little text when open streams already hold too much. */
  #charged(exchange: Exchange, facts: HeaderFacts): HeaderFacts {
    const bytes = Math.min(facts.listBytes, limits.headerListBytes);
    if (this.#headerBytes + bytes <= limits.headerBytesOfOpenStreams) {
      exchange.headerBytes += bytes;
      this.#headerBytes += bytes;
      return facts;
    }
    note(exchange, 'headers_cut');
    return withoutText(facts);
  }

  #capture(): BodyCapture | null {
    const { logBody, bodyMaxBytes } = this.#context.listener.logging;
    return logBody && bodyMaxBytes > 0 ? new BodyCapture(bodyMaxBytes, this.#bodyBudget) : null;
  }

  #rememberReset(streamId: number): void {
    this.#reset ??= new Set();
    if (this.#reset.size >= limits.resetStreams) {
      const oldest = this.#reset.values().next().value!;
      this.#reset.delete(oldest);
      this.#lastForgottenReset = Math.max(this.#lastForgottenReset, oldest);
    }
    this.#reset.add(streamId);
  }
}

/** RFC 9113 section 8.3.2: without :status there is no response, and no client takes it for one. */
function statusless({ response }: Exchange): Failure | null {
  if (response.headers === null || response.headers.status !== null) return null;
  const error = 'upstream broke HTTP/2: a response without a valid :status';
  return { cause: 'h2_protocol_error:PROTOCOL_ERROR', error, errorCode: null, timedOut: false };
}
