import type { Anomaly } from './anomalies.ts';
import { parseChunkSize } from './chunk-size.ts';
import type { Framing } from './framing.ts';
import { createSectionBuffer } from './section-buffer.ts';

/** What the parser of one direction tells, in wire order. */
export type MessageSink = {
  /** The first byte of a message came. */
  begin(): void;
  /** Bytes of the wire that belong to the message begun last, framing included. */
  bytes(count: number): void;
  /** The text of a whole head, from the start line to its empty line. The answer says how the body ends. */
  head(text: string): HeadVerdict;
  /** A piece of the payload, chunk framing removed; valid only during the call. */
  body(piece: Buffer): void;
  /** The text of a trailer section. */
  trailers(text: string): void;
  complete(): void;
  note(anomaly: Anomaly): void;
  /** The bytes cannot be followed any further. */
  broken(anomaly: Anomaly): void;
};

/** `tunnel`: what follows is not HTTP. `wait`: the message is complete, what follows is held until it is known to be HTTP. */
export type HeadVerdict = Framing | { kind: 'tunnel' } | { kind: 'wait' };

export type MessageParser = {
  push(chunk: Buffer): void;
  /** The stream ended with FIN: completes a body that ends so. */
  finish(): void;
  /** Leave `wait`: a new message comes next. */
  resume(): void;
  /** From now on bytes are ignored. */
  stop(): void;
  /** Text of the head received so far, when the stream stopped inside one. */
  partialHead(): string | null;
  /** What is missing of the message that is open, in words. */
  missing(): string;
  /** The open body ends with the stream. */
  readonly endsWithStream: boolean;
  /** No byte of a message that is not complete has come. */
  readonly betweenMessages: boolean;
};

type State =
  | 'start'
  | 'head'
  | 'length'
  | 'chunk_size'
  | 'chunk_data'
  | 'chunk_end'
  | 'trailers'
  | 'until_close'
  | 'wait'
  | 'broken'
  | 'stopped';

/** Limit of one head or one trailer section. */
const SECTION_MAX_BYTES = 262144;
const CHUNK_LINE_MAX_BYTES = 16384;
/** The head of an HTTP/2 frame; that of a TLS record is shorter. */
const bytesToRecognise = 9;
const CR = 0x0d;
const LF = 0x0a;

/** What the first `length` bytes of a message must be, and the anomaly of one that begins otherwise. */
export type StartRule = {
  length: number;
  anomaly: Anomaly;
  accepts(byte: number, index: number): boolean;
  /** The other protocol that such a beginning is of, where `bytesToRecognise` or fewer can tell. */
  recognise?(start: Buffer): Anomaly | null;
};

/** Follow one direction of an HTTP/1.1 connection (RFC 9112) over any chunking. Bodies are skipped, never copied. */
export function createMessageParser(sink: MessageSink, rule: StartRule): MessageParser {
  let state: State = 'start';
  /** Bytes left of a body of known length or of a chunk. */
  let left = 0;
  let expected = 0;
  let payloadBytes = 0;
  let chunkLine = '';
  let sawLineEnd = false;
  /** Of empty lines before a message, to which they are counted. */
  let lineEndBytes = 0;
  const section = createSectionBuffer(SECTION_MAX_BYTES);
  /** The first bytes of a message that begins otherwise, until they are told or enough to know that they are not. */
  let strange: Buffer | null = null;

  const breakOff = (anomaly: Anomaly): void => {
    state = 'broken';
    chunkLine = '';
    sink.broken(anomaly);
    section.reset();
  };
  const complete = (): void => {
    state = 'start';
    sink.complete();
  };
  const follow = (verdict: HeadVerdict): void => {
    payloadBytes = 0;
    if (state !== 'head') return;
    switch (verdict.kind) {
      case 'none':
        complete();
        break;
      case 'length':
        state = 'length';
        left = expected = verdict.bytes;
        break;
      case 'chunked':
        state = 'chunk_size';
        break;
      case 'until_close':
        state = 'until_close';
        break;
      case 'wait':
        state = 'wait';
        sink.complete();
        break;
      case 'tunnel':
        state = 'stopped';
        break;
      case 'unknown':
        breakOff(verdict.anomaly);
        break;
    }
  };

  /** Each reader takes what it can of the chunk from `at` and gives back where it stopped. */
  const readStart = (chunk: Buffer, at: number): number => {
    let next = at;
    while (next < chunk.length && (chunk[next] === LF || chunk[next] === CR)) next++;
    lineEndBytes += next - at;
    if (next === chunk.length) return next;
    state = 'head';
    sink.begin();
    if (lineEndBytes > 0) sink.note('leading_empty_line');
    sink.bytes(lineEndBytes);
    lineEndBytes = 0;
    return next;
  };
  const recognise = (more: Buffer): void => {
    if (strange === null || rule.recognise === undefined) return;
    strange = Buffer.concat([strange, more]).subarray(0, bytesToRecognise);
    const other = rule.recognise(strange);
    if (other !== null) sink.note(other);
    if (other !== null || strange.length === bytesToRecognise) strange = null;
  };
  const readHead = (chunk: Buffer, at: number): number => {
    const known = section.bytes;
    const taken = section.take(chunk, at);
    sink.bytes(taken);
    for (let index = known; index < rule.length && index - known < taken; index++) {
      if (rule.accepts(chunk[at + index - known]!, index)) continue;
      const start = Buffer.from(section.text().slice(0, bytesToRecognise), 'latin1');
      breakOff(rule.anomaly);
      strange = Buffer.alloc(0);
      recognise(start);
      return at + taken;
    }
    if (section.overflown) breakOff('head_too_large');
    else if (section.whole) {
      const text = section.text();
      section.reset();
      follow(sink.head(text));
    }
    return at + taken;
  };
  const readPayload = (chunk: Buffer, at: number): number => {
    const end = state === 'until_close' ? chunk.length : Math.min(chunk.length, at + left);
    left -= end - at;
    payloadBytes += end - at;
    sink.bytes(end - at);
    sink.body(chunk.subarray(at, end));
    if (state !== 'until_close' && left === 0) {
      if (state === 'length') complete();
      else state = 'chunk_end';
    }
    return end;
  };
  const readChunkSize = (chunk: Buffer, at: number): number => {
    const lf = chunk.indexOf(LF, at);
    const end = lf < 0 ? chunk.length : lf;
    const next = lf < 0 ? end : lf + 1;
    sink.bytes(next - at);
    if (chunkLine.length + end - at > CHUNK_LINE_MAX_BYTES) {
      breakOff('chunk_line_too_long');
      return next;
    }
    chunkLine += chunk.toString('latin1', at, end);
    if (lf < 0) return next;
    const line = chunkLine;
    chunkLine = '';
    if (!line.endsWith('\r')) sink.note('bare_lf');
    const size = parseChunkSize(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (size === null) breakOff('bad_chunk_size');
    else {
      left = size;
      state = size === 0 ? 'trailers' : 'chunk_data';
    }
    return next;
  };
  const readChunkEnd = (chunk: Buffer, at: number): number => {
    const byte = chunk[at];
    sink.bytes(1);
    if (byte === CR && !sawLineEnd) {
      sawLineEnd = true;
      return at + 1;
    }
    const hadCr = sawLineEnd;
    sawLineEnd = false;
    if (byte !== LF) {
      breakOff('bad_chunk_end');
      return at + 1;
    }
    if (!hadCr) sink.note('bare_lf');
    state = 'chunk_size';
    return at + 1;
  };
  const readTrailers = (chunk: Buffer, at: number): number => {
    const taken = section.take(chunk, at);
    sink.bytes(taken);
    if (section.overflown) breakOff('head_too_large');
    else if (section.whole) {
      sink.trailers(section.text());
      section.reset();
      complete();
    }
    return at + taken;
  };
  const step = (chunk: Buffer, at: number): number => {
    switch (state) {
      case 'start':
        return readStart(chunk, at);
      case 'head':
        return readHead(chunk, at);
      case 'length':
      case 'until_close':
      case 'chunk_data':
        return readPayload(chunk, at);
      case 'chunk_size':
        return readChunkSize(chunk, at);
      case 'chunk_end':
        return readChunkEnd(chunk, at);
      case 'trailers':
        return readTrailers(chunk, at);
      case 'broken':
        sink.bytes(chunk.length - at);
        recognise(chunk.subarray(at));
        return chunk.length;
      case 'wait':
      case 'stopped':
        return chunk.length;
    }
  };

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; ) at = step(chunk, at);
    },
    finish() {
      if (state === 'until_close') complete();
    },
    resume() {
      if (state === 'wait') state = 'start';
    },
    stop() {
      state = 'stopped';
      section.reset();
    },
    partialHead: () => (state === 'head' || section.overflown ? section.text() : null),
    missing() {
      switch (state) {
        case 'head':
          return `the head is cut after ${section.bytes} bytes`;
        case 'length':
          return `expected ${expected} bytes of body, got ${payloadBytes}`;
        case 'chunk_size':
        case 'chunk_data':
        case 'chunk_end':
          return `the last chunk never came, got ${payloadBytes} bytes of body`;
        case 'trailers':
          return `the trailer section is cut, got ${payloadBytes} bytes of body`;
        default:
          return `got ${payloadBytes} bytes of body`;
      }
    },
    get endsWithStream() {
      return state === 'until_close';
    },
    get betweenMessages() {
      return state === 'start';
    },
  };
}
