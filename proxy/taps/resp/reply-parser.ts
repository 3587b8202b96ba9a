import type { Breach } from './anomalies.ts';
import { ReplyReader, type ReplyType } from './reply-reader.ts';

/** Where the replies of a server go. */
export type ReplySink = {
  /** The first byte of a reply or of a pushed message. */
  begin(): void;
  /** A whole reply, or a whole pushed message; `reader` and `bytes` of the parser tell what it was. */
  reply(): void;
  /** Whether the oldest command is SYNC or PSYNC, whose reply may be kept alive by empty lines and is followed by no RESP. */
  leavesResp(): boolean;
  /** Whether the oldest command is EXEC, whose reply may hold what else is pushed. */
  holdsPushes(): boolean;
  /** The rest of the stream cannot be told apart. */
  broken(anomaly: Breach): void;
};

const CR = 0x0d;
const LF = 0x0a;
const MINUS = 0x2d;
const QUESTION = 0x3f;
/** Nesting that is followed; Redis itself nests a handful. */
const MAX_DEPTH = 128;
/** Digits of a length. */
const MAX_DIGITS = 15;
/** An aggregate whose end is marked (`*?`), not counted. */
const STREAMED = Number.POSITIVE_INFINITY;

/** States are numbers, which a switch over every byte compares at once. */
const TYPE = 0;
const LINE = 1;
const NUMBER = 2;
const BODY = 3;
const STOPPED = 4;

/** What a type byte begins: one line, a number of bytes, a number of elements, a piece of a streamed string, the end mark. */
type Form = 'line' | 'bytes' | 'elements' | 'pairs' | 'attribute' | 'piece' | 'end';

const forms = new Map<number, { form: Form; type: ReplyType }>(
  (
    [
      ['+', 'line', 'simple_string'],
      ['-', 'line', 'error'],
      [':', 'line', 'integer'],
      ['_', 'line', 'null'],
      [',', 'line', 'double'],
      ['#', 'line', 'boolean'],
      ['(', 'line', 'big_number'],
      ['$', 'bytes', 'bulk_string'],
      ['!', 'bytes', 'blob_error'],
      ['=', 'bytes', 'verbatim_string'],
      ['*', 'elements', 'array'],
      ['~', 'elements', 'set'],
      ['>', 'elements', 'push'],
      ['%', 'pairs', 'map'],
      ['|', 'attribute', 'map'],
      [';', 'piece', 'bulk_string'],
      ['.', 'end', 'null'],
    ] as const
  ).map(([byte, form, type]) => [byte.charCodeAt(0), { form, type }]),
);

/** By byte, for the path of every reply. */
const formOf: readonly (Form | null)[] = Array.from(
  { length: 256 },
  (_, byte) => forms.get(byte)?.form ?? null,
);
const typeOf: readonly ReplyType[] = Array.from(
  { length: 256 },
  (_, byte) => forms.get(byte)?.type ?? 'null',
);

/** The server's side: RESP2 and RESP3 (github.com/redis/redis-specifications, protocol/RESP3.md), streamed types included. */
export class ReplyParser {
  readonly reader = new ReplyReader();
  /** Of the reply so far, its framing included. */
  bytes = 0;
  readonly #sink: ReplySink;
  #state = TYPE;
  #type: ReplyType = 'null';
  #form: Form = 'line';
  /** Elements still to come of each aggregate that is open. */
  readonly #missing: number[] = [];
  /** Which of those are attributes: after one comes what it is about. */
  readonly #attributes: boolean[] = [];
  #inReply = false;
  #number = 0;
  #digits = 0;
  #negative = false;
  #streamed = false;
  /** Inside a streamed string (`$?`), whose pieces follow. */
  #pieces = false;
  /** Of a line: its CR has come. Of a body: bytes to come, its line end included. */
  #cr = false;
  #left = 0;
  #anomaly: Breach | null = null;

  constructor(sink: ReplySink) {
    this.#sink = sink;
  }

  get midReply(): boolean {
    return this.#inReply && this.#state !== STOPPED;
  }

  get stopped(): boolean {
    return this.#state === STOPPED;
  }

  stop(): void {
    this.#state = STOPPED;
  }

  push(chunk: Buffer): void {
    const { reader } = this;
    let at = 0;
    /** Up to here the bytes of this chunk are counted. */
    let counted = 0;
    while (at < chunk.length && this.#state !== STOPPED) {
      switch (this.#state) {
        case TYPE: {
          const byte = chunk[at]!;
          if (!this.#inReply) {
            // Redis keeps a replica that waits for PSYNC alive with empty lines.
            if (byte === LF && this.#sink.leavesResp()) {
              at++;
              break;
            }
            counted = at;
            this.bytes = 0;
            this.#inReply = true;
            reader.begin();
            this.#sink.begin();
          }
          at++;
          this.#begin(byte);
          break;
        }
        case LINE: {
          const byte = chunk[at]!;
          if (this.#cr) {
            at++;
            this.#cr = false;
            reader.end();
            if (this.#endValue()) {
              this.bytes += at - counted;
              counted = at;
              this.#endReply();
            }
          } else if (byte === CR) {
            at++;
            this.#cr = true;
          } else {
            const start = at;
            do at++;
            while (at < chunk.length && chunk[at] !== CR);
            reader.bytes(chunk, start, at);
          }
          break;
        }
        case NUMBER: {
          const byte = chunk[at++]!;
          if (this.#cr) {
            this.#cr = false;
            if (this.#endNumber()) {
              this.bytes += at - counted;
              counted = at;
              this.#endReply();
            }
          } else if (byte === CR) this.#cr = true;
          else if (!this.#digit(byte)) this.#break('bad_reply_length');
          break;
        }
        case BODY: {
          // The last two bytes are the line end.
          const content = Math.min(this.#left - 2, chunk.length - at);
          if (content > 0) {
            reader.bytes(chunk, at, at + content);
            this.#left -= content;
            at += content;
          } else {
            at++;
            this.#left--;
          }
          if (this.#left > 0) break;
          reader.end();
          if (this.#pieces) this.#state = TYPE;
          else if (this.#endValue()) {
            this.bytes += at - counted;
            counted = at;
            this.#endReply();
          }
          break;
        }
      }
    }
    if (this.#inReply) this.bytes += at - counted;
    if (this.#anomaly !== null) {
      const anomaly = this.#anomaly;
      this.#anomaly = null;
      this.#sink.broken(anomaly);
    }
  }

  #begin(byte: number): void {
    const form = formOf[byte] ?? null;
    const wrongPiece = this.#pieces !== (form === 'piece');
    const wrongEnd = form === 'end' && this.#missing.at(-1) !== STREAMED;
    // A pushed message stands between replies, not in one; but that of a SUBSCRIBE in a transaction Redis puts among EXEC's.
    const wrongPush = byte === 0x3e && this.#missing.length > 0 && !this.#sink.holdsPushes();
    if (form === null || wrongPiece || wrongEnd || wrongPush) {
      this.#break('bad_reply_type');
      return;
    }
    this.#form = form;
    this.#type = typeOf[byte]!;
    const depth = this.#missing.length;
    if (form !== 'attribute' && form !== 'piece' && form !== 'end' && !this.#inAttribute())
      this.reader.beginValue(depth, this.#type);
    this.#cr = false;
    // The length of what SYNC brings may be `EOF:` and a mark, and no line end follows what it brings.
    const isStream = form === 'bytes' && depth === 0 && this.#sink.leavesResp();
    if (form === 'line' || form === 'end' || isStream) {
      this.#state = LINE;
      return;
    }
    this.#state = NUMBER;
    this.#number = 0;
    this.#digits = 0;
    this.#negative = false;
    this.#streamed = false;
  }

  #inAttribute(): boolean {
    return this.#attributes.length > 0 && this.#attributes.includes(true);
  }

  #digit(byte: number): boolean {
    if (byte === QUESTION && this.#digits === 0 && !this.#negative) {
      this.#streamed = true;
      this.#digits = 1;
      return this.#form === 'elements' || this.#form === 'pairs' || this.#type === 'bulk_string';
    }
    if (byte === MINUS && this.#digits === 0 && !this.#negative) {
      this.#negative = true;
      return true;
    }
    if (byte < 0x30 || byte > 0x39 || this.#digits >= MAX_DIGITS || this.#streamed) return false;
    this.#number = this.#number * 10 + byte - 0x30;
    this.#digits++;
    return true;
  }

  /** The number after a type is whole. True when with it the whole reply is. */
  #endNumber(): boolean {
    if (this.#digits === 0) return this.#broken('bad_reply_length');
    // -1 is the null of RESP2.
    if (this.#negative) {
      const isNull = this.#number === 1 && (this.#form === 'bytes' || this.#form === 'elements');
      if (!isNull) return this.#broken('bad_reply_length');
      this.reader.nullValue(this.#missing.length);
      return this.#endValue();
    }
    switch (this.#form) {
      case 'bytes':
        if (this.#streamed) {
          this.#pieces = true;
          this.#state = TYPE;
          return false;
        }
        this.#body(this.#number);
        return false;
      case 'piece':
        if (this.#number > 0) {
          this.#body(this.#number);
          return false;
        }
        this.#pieces = false;
        return this.#endValue();
      default: {
        const each = this.#form === 'elements' ? 1 : 2;
        return this.#open(this.#streamed ? STREAMED : this.#number * each, this.#form === 'attribute');
      }
    }
  }

  #body(length: number): void {
    this.#left = length + 2;
    this.#state = BODY;
  }

  #open(elements: number, isAttribute: boolean): boolean {
    this.#state = TYPE;
    if (elements === 0) return isAttribute ? false : this.#endValue();
    if (this.#missing.length >= MAX_DEPTH) return this.#broken('reply_too_deep');
    this.#missing.push(elements);
    this.#attributes.push(isAttribute);
    return false;
  }

  /** One value is whole, and maybe the aggregates it was the last of. True when with it the whole reply is. */
  #endValue(): boolean {
    this.#state = TYPE;
    if (this.#form === 'end') {
      this.#missing.pop();
      if (this.#attributes.pop()) return false;
    }
    while (this.#missing.length > 0) {
      const last = this.#missing.length - 1;
      if (--this.#missing[last]! > 0) return false;
      this.#missing.pop();
      // An attribute is no value: what it is about comes now, in its place.
      if (this.#attributes.pop()) return false;
    }
    return true;
  }

  #endReply(): void {
    this.#inReply = false;
    this.#sink.reply();
    this.bytes = 0;
  }

  #broken(anomaly: Breach): false {
    this.#break(anomaly);
    return false;
  }

  #break(anomaly: Breach): void {
    this.#anomaly = anomaly;
    this.#state = STOPPED;
  }
}
