import type { ConnectionContext } from '../../connection/context.ts';
import { rawState } from '../raw.ts';
import type { Ending, Side, StreamEnd, Tap, TapState } from '../tap.ts';
import type { Anomaly } from './anomalies.ts';
import { type CaptureBudget, createBodyCapture } from './body-capture.ts';
import { eventFields, type Failure } from './event-fields.ts';
import { createExchange, type Exchange, type Half, noteAnomaly } from './exchange.ts';
import { type Fields, headLines, parseFields } from './head.ts';
import { breach, isBreach, judgeEnd, type Missing, phaseOf } from './judge.ts';
import { createMessageParser, type MessageParser, type MessageSink } from './message-parser.ts';
import { readPartialRequestHead, readRequestHead } from './request-head.ts';
import { readResponseHead } from './response-head.ts';
import { requestStart, responseStart } from './start-rules.ts';

/** Requests without an answer that are followed at once, and what their heads may hold together. */
const MAX_OPEN_EXCHANGES = 10_000;
const MAX_HELD_HEAD_BYTES = 8 << 20;
const CROWD = 64;
/** What a field takes beside its text. */
const fieldOverheadBytes = 64;

/** Decode HTTP/1.1 from copies of both directions: one event per exchange. */
export function createH1Tap(context: ConnectionContext): Tap {
  const { logBody, bodyMaxBytes } = context.listener.logging;
  const captures = logBody && bodyMaxBytes > 0;
  const budget: CaptureBudget = { bytesLeft: 2 * bodyMaxBytes };
  const open: Exchange[] = [];
  let completed = 0;
  let heldHeadBytes = 0;
  let last: { path: string | null; tid: string | null } = { path: null, tid: null };
  let violation: TapState['violation'] = null;
  let requesting: Exchange | null = null;
  let responding: Exchange | null = null;
  /** The rest of the connection is not HTTP, or cannot be followed. */
  let isOpaque = false;
  /** Of too many requests without an answer the first ones are followed to their end, the later ones not at all. */
  let isFull = false;
  const ends: { by: Side; how: StreamEnd }[] = [];
  let closed = false;

  const emit = (exchange: Exchange, failure: Failure | null): void => {
    const index = open.indexOf(exchange);
    if (index < 0) return;
    open.splice(index, 1);
    heldHeadBytes -= exchange.headBytes;
    exchange.endMs = nowMs();
    if (failure === null) completed++;
    context.log.event(context, eventFields(context, exchange, failure));
    exchange.request.capture?.release();
    exchange.response.capture?.release();
    if (isFull && open.length === 0) goOpaque();
  };
  const settle = (exchange: Exchange): void => {
    if (exchange.request.complete && exchange.response.complete) emit(exchange, null);
  };
  const goOpaque = (): void => {
    isOpaque = true;
    client.stop();
    upstream.stop();
  };
  const stopAdmitting = (): void => {
    isFull = true;
    requesting = null;
    client.stop();
    noteAnomaly(open.at(-1)!, 'too_many_pipelined');
  };
  const capture = (half: Half): void => {
    if (captures) half.capture = createBodyCapture(bodyMaxBytes, budget);
  };
  const hold = (exchange: Exchange, text: string, fields: Fields): void => {
    const bytes = text.length + fieldOverheadBytes * fields.length;
    exchange.headBytes += bytes;
    heldHeadBytes += bytes;
  };
  const breakOff = (by: Side, exchange: Exchange, anomaly: Anomaly): void => {
    noteAnomaly(exchange, anomaly);
    const half = by === 'client' ? exchange.request : exchange.response;
    half.broken = anomaly;
    if (isBreach(anomaly)) violation ??= { by, ...violationOf(by, anomaly) };
  };

  const requestSink: MessageSink = {
    begin() {
      if (open.length >= MAX_OPEN_EXCHANGES || heldHeadBytes > MAX_HELD_HEAD_BYTES) {
        stopAdmitting();
        return;
      }
      requesting = createExchange(nowMs());
      open.push(requesting);
    },
    bytes(count) {
      if (requesting !== null) requesting.request.bytes += count;
    },
    head(text) {
      const exchange = requesting!;
      const framing = readRequestHead(text, exchange, requestSink.note);
      exchange.startMs = nowMs();
      exchange.request.headSeen = framing.kind !== 'unknown' || framing.anomaly !== 'invalid_request_line';
      last = { path: exchange.request.target, tid: exchange.tid };
      capture(exchange.request);
      // An array that grew has room to spare, which costs as much as two fields.
      if (open.length > CROWD) exchange.request.fields = exchange.request.fields.slice();
      hold(exchange, text, exchange.request.fields);
      return exchange.request.method === 'CONNECT' ? { kind: 'wait' } : framing;
    },
    body: (piece) => requesting?.request.capture?.add(piece),
    trailers(text) {
      requesting!.request.trailers = readTrailers(text, requestSink.note);
      hold(requesting!, text, requesting!.request.trailers);
    },
    complete() {
      requesting!.request.complete = true;
      settle(requesting!);
    },
    note(anomaly) {
      if (requesting !== null) noteAnomaly(requesting, anomaly);
    },
    broken(anomaly) {
      const exchange = requesting!;
      readCutHead(exchange);
      breakOff('client', exchange, anomaly);
      // Its end will never be told, so the response alone decides when the exchange is over.
      exchange.request.complete = true;
      settle(exchange);
    },
  };

  const responseSink: MessageSink = {
    begin() {
      const waiting = open.find((exchange) => !exchange.response.complete);
      if (waiting !== undefined) {
        responding = waiting;
        return;
      }
      responding = createExchange(nowMs());
      responding.request.complete = true;
      noteAnomaly(responding, 'unsolicited_response');
      open.push(responding);
    },
    bytes(count) {
      if (responding !== null) responding.response.bytes += count;
    },
    head(text) {
      const exchange = responding!;
      const verdict = readResponseHead(text, exchange, responseSink.note);
      if (exchange.response.headSeen) {
        hold(exchange, text, exchange.response.fields);
        capture(exchange.response);
      }
      if (verdict.kind === 'tunnel') becomeTunnel(exchange);
      return verdict;
    },
    body: (piece) => responding?.response.capture?.add(piece),
    trailers(text) {
      responding!.response.trailers = readTrailers(text, responseSink.note);
      hold(responding!, text, responding!.response.trailers);
    },
    complete() {
      const exchange = responding!;
      if (!exchange.response.headSeen) return;
      exchange.response.complete = true;
      responding = null;
      if (!exchange.request.complete) noteAnomaly(exchange, 'early_response');
      const wasConnect = exchange.request.method === 'CONNECT';
      const wasBroken = exchange.request.broken !== null;
      settle(exchange);
      if (wasConnect) client.resume();
      // What the client sends after a broken request is unknown, so its answers cannot be told apart.
      if (wasBroken) goOpaque();
    },
    note(anomaly) {
      if (responding !== null) noteAnomaly(responding, anomaly);
    },
    broken(anomaly) {
      breakOff('upstream', responding!, anomaly);
    },
  };

  const client: MessageParser = createMessageParser(requestSink, requestStart);
  const upstream: MessageParser = createMessageParser(responseSink, responseStart);

  const readCutHead = (exchange: Exchange): void => {
    if (exchange.request.headSeen) return;
    const text = client.partialHead();
    if (text === null) return;
    readPartialRequestHead(text, exchange);
    if (exchange.request.target !== null) last = { path: exchange.request.target, tid: exchange.tid };
  };
  const becomeTunnel = (exchange: Exchange): void => {
    exchange.flags = [exchange.response.status === 101 ? 'upgrade' : 'connect'];
    exchange.request.complete = exchange.response.complete = true;
    goOpaque();
    emit(exchange, null);
    // What looked like further requests was the other protocol already.
    open.length = 0;
    heldHeadBytes = 0;
    if (violation?.by === 'client') violation = null;
  };
  const missingOf = (exchange: Exchange): Missing => ({
    request: client.missing(),
    response: exchange === responding ? upstream.missing() : 'nothing came',
    responseEndsWithStream: exchange === responding && upstream.endsWithStream,
  });
  const judge = (by: Side, how: StreamEnd) => {
    for (const exchange of open) {
      const judged = judgeEnd(exchange, missingOf(exchange), by, how);
      if (judged !== null) return judged;
    }
    return null;
  };

  return {
    data(from, chunk) {
      if (isOpaque || closed) return;
      (from === 'client' ? client : upstream).push(chunk);
    },
    end(from, how, closeNotify) {
      if (closed) return;
      ends.push({ by: from, how });
      // RFC 9112 9.8: without close_notify a body that ends with the stream may have been cut.
      if (from === 'upstream' && how === 'fin' && !isOpaque && closeNotify !== false) upstream.finish();
    },
    state() {
      const oldest = open[0];
      const phase = oldest === undefined ? 'idle' : phaseOf(oldest);
      const waits = phase === 'waiting' && !isOpaque && upstream.betweenMessages;
      if (requesting !== null && open.includes(requesting)) readCutHead(requesting);
      return {
        ...rawState,
        protocol: 'http/1.1',
        phase,
        unanswered: waits ? { method: oldest!.request.method } : null,
        openExchanges: open.length,
        completedExchanges: completed,
        path: last.path,
        tid: last.tid,
        violation,
      };
    },
    causeOf(by, how) {
      const judged = judge(by, how);
      if (judged !== null || !isOpaque || how !== 'rst') return judged;
      return { cause: 'reset', error: `the ${by} reset the connection` };
    },
    close(ending) {
      if (closed) return;
      closed = true;
      const end = ends.find(({ by, how }) => judge(by, how)?.cause === ending.cause);
      for (const exchange of [...open]) {
        if (exchange === requesting) readCutHead(exchange);
        const own = end === undefined ? ending : judgeEnd(exchange, missingOf(exchange), end.by, end.how);
        emit(exchange, exchange.response.complete || own === null ? null : failureOf(own, ending));
      }
    },
  };
}

/** Epoch milliseconds with a fraction; steady when the wall clock is set. */
const nowMs = (): number => performance.timeOrigin + performance.now();

function readTrailers(text: string, note: (anomaly: Anomaly) => void): [string, string][] {
  return parseFields(headLines(text, note), 0, note).fields;
}

function failureOf(own: Pick<Ending, 'cause' | 'error'>, ending: Ending): Failure {
  return { cause: own.cause, error: own.error, flags: ending.timedOut ? ['timeout'] : [] };
}

function violationOf(by: Side, anomaly: Anomaly): { cause: Ending['cause']; text: string } {
  const { cause, error } = breach(by, anomaly);
  return { cause, text: error };
}
