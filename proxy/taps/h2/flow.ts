import { defaultWindowBytes, maxWindowBytes } from '../../../protos/h2/constants.ts';
import type { ControlRows } from './control-rows.ts';
import { type Exchange, type Half, note } from './exchange.ts';
import type { SettingsState } from './settings-state.ts';

/** One FLOW_BLOCK row for a stream in this time. */
const rowIntervalMs = 500;

/** The windows one side sends into (RFC 9113 section 5.2). Both ends pass the tap, so it knows them before the sender does. */
export class Flow {
  readonly #sender: 'client' | 'upstream';
  /** What the receiver announced. */
  readonly #receiver: SettingsState;
  readonly #rows: ControlRows;
  #connectionBytes = defaultWindowBytes;

  constructor(sender: 'client' | 'upstream', receiver: SettingsState, rows: ControlRows) {
    this.#sender = sender;
    this.#receiver = receiver;
    this.#rows = rows;
  }

  halfOf(exchange: Exchange): Half {
    return this.#sender === 'client' ? exchange.request : exchange.response;
  }

  /** DATA of `bytes`; true when it is more than the receiver allowed. */
  sent(exchange: Exchange | undefined, bytes: number): boolean {
    this.#connectionBytes -= bytes;
    if (exchange === undefined) return bytes > 0 && this.#connectionBytes < 0;
    this.halfOf(exchange).credit -= bytes;
    return bytes > 0 && this.#window(exchange) < 0;
  }

  /** WINDOW_UPDATE on the connection; true when it overflows. */
  grantConnection(increment: number): boolean {
    this.#connectionBytes += increment;
    return this.#connectionBytes > maxWindowBytes;
  }

  /** WINDOW_UPDATE on a stream; true when it overflows. */
  grant(exchange: Exchange, increment: number): boolean {
    const half = this.halfOf(exchange);
    half.credit += increment;
    return half.credit + this.#receiver.initialWindowBytes > maxWindowBytes;
  }

  /** Whether the sender has nothing left to send with, on a half that has not ended. */
  isBlocked(exchange: Exchange): boolean {
    const half = this.halfOf(exchange);
    if (half.ended || half.headers === null || this.#window(exchange) > 0) return false;
    return wanted(exchange, half) !== 0;
  }

  /**
   * Record that the sender cannot go on. A tap sees the window, not what waits behind it: the row proves that the window is
   * used up and the half has not ended. `wanted_bytes` is what content-length says is missing, null where nothing says so.
   */
  recordBlock(exchange: Exchange, nowMs: number): void {
    if (!this.#rows.enabled || !this.isBlocked(exchange)) return;
    const half = this.halfOf(exchange);
    if (nowMs - half.blockRecordedAtMs < rowIntervalMs) return;
    half.blockRecordedAtMs = nowMs;
    // As in 1.50 the direction is the one that takes no more: the receiver's.
    const receiver = this.#sender === 'client' ? 'upstream' : 'client';
    this.#rows.row(receiver, 'FLOW_BLOCK', exchange.streamId, { wanted_bytes: wanted(exchange, half) });
  }

  overrun(exchange: Exchange | undefined): void {
    if (exchange !== undefined) note(exchange, 'window_overrun');
  }

  #window(exchange: Exchange): number {
    const stream = this.#receiver.initialWindowBytes + this.halfOf(exchange).credit;
    return Math.min(stream, this.#connectionBytes);
  }
}

/** Bytes that content-length still promises; null when unknown. A response to HEAD promises none. */
function wanted(exchange: Exchange, half: Half): number | null {
  const length = half.headers?.contentLength ?? null;
  if (half === exchange.response && exchange.request.headers?.method === 'HEAD') return 0;
  return length === null ? null : Math.max(0, length - half.bytes);
}
