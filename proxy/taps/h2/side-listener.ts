import type { ErrorCodeName } from '../../../protos/h2/constants.ts';
import type { HpackBlock } from '../../../protos/hpack/decoder.ts';
import type { Side, TapState } from '../tap.ts';
import type { Anomaly } from './anomalies.ts';
import type { ControlRows } from './control-rows.ts';
import { type Exchange, type Half, note } from './exchange.ts';
import type { Exchanges } from './exchanges.ts';
import { akamaiFingerprint, h2Fingerprint } from './fingerprint.ts';
import type { Flow } from './flow.ts';
import type { Breach, FrameListener, Priority } from './frame-listener.ts';
import { limits } from './limits.ts';
import type { SettingPair, SettingsState } from './settings-state.ts';

/** What the two sides of one connection share. */
export type SharedState = {
  /** When the chunk in hand came. */
  nowMs: number;
  readonly exchanges: Exchanges;
  readonly rows: ControlRows;
  /** By the side that announced them. */
  readonly announced: Record<Side, SettingsState>;
  /** By the side that sends DATA. */
  readonly flows: Record<Side, Flow>;
  readonly goaway: Record<Side, TapState['clientGoaway']>;
  /** Sides that are no longer decoded. */
  readonly stopped: Record<Side, boolean>;
  violation: TapState['violation'];
  /** Exchanges begun when it came. */
  violationAfter: number;
};

/**
 * The first breach that the peers have not let pass. They have when a stream begun after it was answered whole, or the server
 * answered the stream that the client broke it on, or the client, with all its answers, said GOAWAY without an error.
 */
export function standingViolation({
  violation,
  violationAfter,
  exchanges,
}: SharedState): TapState['violation'] {
  const isPast = exchanges.newestAnswered > violationAfter || exchanges.forgiven === violation;
  return isPast ? null : violation;
}

/** Turns the frames of one side into exchanges, rows and breaches. */
export class SideListener implements FrameListener {
  readonly #side: Side;
  readonly #other: Side;
  readonly #shared: SharedState;
  #breaches = 0;
  frameOffset = 0;

  // For the fingerprints, which end with the first SETTINGS and the first request.
  /** Null until a SETTINGS has come; empty where its values are not needed, or no more. */
  #firstSettings: readonly SettingPair[] | null = null;
  #firstWindowUpdate: number | null = null;
  #priorities: string[] | null = null;
  #fingerprinted = false;

  // The DATA frame in hand.
  #exchange: Exchange | undefined;
  #half: Half | undefined;
  #endsStream = false;

  constructor(side: Side, shared: SharedState) {
    this.#side = side;
    this.#other = side === 'client' ? 'upstream' : 'client';
    this.#shared = shared;
  }

  settings(pairs: SettingPair[]): void {
    const { rows, announced } = this.#shared;
    if (this.#firstSettings === null) {
      this.#firstSettings = this.#side === 'client' && !this.#fingerprinted ? pairs : noSettings;
      if (rows.enabled) this.#row('FINGERPRINT', null, h2Fingerprint(pairs, this.#firstWindowUpdate));
    }
    this.#row('SETTINGS', null, { changed: announced[this.#side].announce(pairs) });
  }

  settingsAck(): void {
    const changed = this.#shared.announced[this.#other].acknowledge();
    if (changed === null)
      this.#breach('PROTOCOL_ERROR', 'SETTINGS ACK without SETTINGS to acknowledge', null);
    this.#row('SETTINGS_ACK', null, { changed: changed ?? [] });
  }

  ping(opaque: Buffer, ack: boolean): void {
    if (!this.#shared.rows.enabled) return;
    this.#row(ack ? 'PING_ACK' : 'PING', null, { opaque_hex: opaque.toString('hex') });
  }

  goaway(lastStreamId: number, code: number, debugData: Buffer): void {
    // A second GOAWAY is often only the library's goodbye; it takes no error back.
    const earlier = this.#shared.goaway[this.#side]?.code ?? 0;
    this.#shared.goaway[this.#side] = { code: code === 0 ? earlier : code, lastStreamId };
    const { exchanges, violation } = this.#shared;
    const plain = code === 0 && earlier === 0 && exchanges.waiting === 0;
    if (plain && this.#side === 'client' && violation?.by === 'upstream') exchanges.forgiven = violation;
    const debug = debugData.subarray(0, limits.goawayDebugBytes).toString('base64');
    const details = { error_code: code, last_stream_id: lastStreamId, debug_data_b64: debug || null };
    this.#row('GOAWAY', null, details, code);
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#row('WINDOW_UPDATE', streamId === 0 ? null : streamId, { delta: increment });
    const flow = this.#shared.flows[this.#other];
    if (streamId === 0) {
      this.#firstWindowUpdate ??= increment;
      if (increment === 0) this.#breach('PROTOCOL_ERROR', 'WINDOW_UPDATE by 0', null);
      else if (flow.grantConnection(increment))
        this.#breach('FLOW_CONTROL_ERROR', 'the connection window overflows', null);
      return;
    }
    if (this.#isIdle(streamId, 'WINDOW_UPDATE')) return;
    const exchange = this.#shared.exchanges.get(streamId);
    if (increment === 0) this.#breach('PROTOCOL_ERROR', 'WINDOW_UPDATE by 0', streamId, 'window_update_zero');
    else if (exchange !== undefined && flow.grant(exchange, increment)) {
      this.#breach('FLOW_CONTROL_ERROR', 'a stream window overflows', streamId, 'window_overflow');
    }
  }

  rstStream(streamId: number, code: number): void {
    this.#row('RST_STREAM', streamId, { error_code: code }, code);
    if (this.#isIdle(streamId, 'RST_STREAM')) return;
    this.#shared.exchanges.rst(streamId, this.#side, code, this.#shared.nowMs);
  }

  priority(streamId: number, { exclusive, dependsOn, weight }: Priority): void {
    this.#row('PRIORITY', streamId, { exclusive, depends_on: dependsOn, weight });
    if (this.#fingerprinted) return;
    this.#priorities ??= [];
    if (this.#priorities.length >= limits.fingerprintPriorities) return;
    this.#priorities.push(`${streamId}:${exclusive ? 1 : 0}:${dependsOn}:${weight}`);
  }

  headers(streamId: number, block: HpackBlock, endStream: boolean): void {
    const { exchanges, flows, nowMs } = this.#shared;
    const exchange = exchanges.get(streamId);
    if (this.#side === 'upstream') {
      if (exchange === undefined) this.#unexpected(streamId, 'HEADERS');
      else if (exchange.response.ended) this.#afterEnd('HEADERS', streamId, 'headers_after_end');
      else {
        // A block that cannot be read answers nothing, whatever its flags say.
        exchanges.responseHeaders(exchange, block, endStream && block.error === null, nowMs);
        flows.upstream.recordBlock(exchange, nowMs);
      }
      return;
    }
    this.#fingerprint(block);
    if (exchange === undefined) this.#request(streamId, block, endStream);
    else if (exchange.request.ended) this.#afterEnd('HEADERS', streamId, 'headers_after_end');
    else exchanges.requestTrailers(exchange, block, endStream, nowMs);
  }

  #request(streamId: number, block: HpackBlock, endStream: boolean): void {
    const { exchanges, flows, announced, stopped, nowMs } = this.#shared;
    if (streamId % 2 === 1 && streamId <= exchanges.lastClientStreamId) {
      this.#unexpected(streamId, 'HEADERS');
      return;
    }
    const exchange = exchanges.openRequest(streamId, block, endStream, nowMs);
    if (streamId % 2 === 0) this.#breach('PROTOCOL_ERROR', `a request on stream ${streamId}`, streamId);
    if (exchange === undefined) return;
    const { headers } = exchange.request;
    if (headers!.protocol !== null && !announced.upstream.allowsExtendedConnect && !stopped.upstream)
      note(exchange, 'unknown_pseudo');
    flows.client.recordBlock(exchange, nowMs);
  }

  pushPromise(streamId: number, promisedStreamId: number, block: HpackBlock): void {
    const { exchanges, nowMs } = this.#shared;
    this.#row('PUSH_PROMISE', streamId, { promised_stream_id: promisedStreamId });
    if (this.#side === 'client') return;
    if (promisedStreamId % 2 === 1 || promisedStreamId <= exchanges.lastPushedStreamId) {
      this.#breach('PROTOCOL_ERROR', `PUSH_PROMISE of stream ${promisedStreamId}`, streamId);
    } else exchanges.openPush(promisedStreamId, block, nowMs);
  }

  dataStart(streamId: number, flowBytes: number, endStream: boolean): void {
    const { exchanges, flows } = this.#shared;
    const exchange = exchanges.get(streamId);
    const flow = flows[this.#side];
    this.#exchange = exchange;
    this.#half = exchange === undefined ? undefined : flow.halfOf(exchange);
    this.#endsStream = endStream;
    if (flow.sent(exchange, flowBytes)) {
      this.#breach('FLOW_CONTROL_ERROR', 'DATA beyond the flow-control window', streamId, 'window_overrun');
    }
    if (exchange === undefined) this.#unexpected(streamId, 'DATA');
    else if (this.#half!.ended) this.#afterEnd('DATA', streamId, 'data_after_end');
    else if (this.#half!.headers === null)
      this.#breach('PROTOCOL_ERROR', 'DATA before HEADERS', streamId, 'data_before_headers');
    else return;
    // No part of any message.
    this.#exchange = undefined;
    this.#half = undefined;
  }

  data(chunk: Buffer, start: number, end: number): void {
    const half = this.#half;
    if (half === undefined || this.#exchange!.over) return;
    half.bytes += end - start;
    half.body?.push(chunk, start, end);
    const grpc = this.#exchange!.grpc;
    if (grpc === null) return;
    (this.#side === 'client' ? grpc.requestMessages : grpc.responseMessages)?.push(chunk, start, end);
  }

  dataEnd(): void {
    const { exchanges, flows, nowMs } = this.#shared;
    const exchange = this.#exchange;
    const half = this.#half;
    // Not kept until the next one: on a quiet connection that is a stream's whole memory.
    this.#exchange = undefined;
    this.#half = undefined;
    if (exchange === undefined || exchange.over) return;
    if (this.#endsStream) exchanges.endHalf(exchange, half!, !half!.ended, nowMs);
    else flows[this.#side].recordBlock(exchange, nowMs);
  }

  breach({ code, text, streamId, anomaly, fatal }: Breach): void {
    this.#breach(code, text, streamId, anomaly, fatal);
  }

  #afterEnd(frame: string, streamId: number, anomaly: Anomaly): void {
    this.#breach('STREAM_CLOSED', `${frame} after END_STREAM`, streamId, anomaly);
  }

  /** A frame on a stream that is not open. What was on its way when the other side reset the stream is no breach. */
  #unexpected(streamId: number, frame: string): void {
    const { exchanges } = this.#shared;
    if (this.#isIdle(streamId, frame) || exchanges.wasReset(streamId) || exchanges.untracked > 0) return;
    this.#breach('STREAM_CLOSED', `${frame} on closed stream ${streamId}`, streamId);
  }

  /** RFC 9113 section 5.1: only HEADERS may come on an idle stream, and PRIORITY. */
  #isIdle(streamId: number, frame: string): boolean {
    if (!this.#shared.exchanges.isIdle(streamId)) return false;
    this.#breach('PROTOCOL_ERROR', `${frame} on idle stream ${streamId}`, streamId);
    return true;
  }

  #breach(
    code: ErrorCodeName,
    text: string,
    streamId: number | null,
    anomaly?: Anomaly,
    fatal = false,
  ): void {
    const { exchanges, stopped } = this.#shared;
    if (fatal) stopped[this.#side] = true;
    // What the other side allowed is no longer known, so nothing can be held against this one.
    else if (stopped[this.#other]) return;
    const exchange = streamId === null ? undefined : exchanges.get(streamId);
    if (exchange !== undefined && anomaly !== undefined) note(exchange, anomaly);
    const shared = this.#shared;
    if (standingViolation(shared) === null) {
      shared.violationAfter = exchanges.begun;
      shared.violation = { by: this.#side, cause: `h2_protocol_error:${code}`, text };
      // Only an answer that the other side has still to give tells that it lets the breach pass.
      if (this.#side === 'client' && exchange?.response.ended === false && !fatal)
        exchange.breach = shared.violation;
    }
    this.#breaches++;
    // The one that ends decoding is always told; of a flood of others, the first.
    if (this.#breaches > limits.decodeErrorRows && !fatal) return;
    const details = { error: text, offset: this.frameOffset, error_code_name: code };
    this.#row('DECODE_ERROR', streamId, details);
  }

  #fingerprint(block: HpackBlock): void {
    if (this.#fingerprinted) return;
    this.#fingerprinted = true;
    if (this.#shared.rows.enabled) {
      const fingerprint = akamaiFingerprint({
        settings: this.#firstSettings ?? [],
        windowUpdate: this.#firstWindowUpdate,
        priorities: this.#priorities ?? [],
        fields: block.fields,
      });
      this.#row('AKAMAI_FINGERPRINT', null, fingerprint);
    }
    this.#priorities = null;
    if (this.#firstSettings !== null) this.#firstSettings = noSettings;
  }

  #row(...row: Parameters<ControlRows['row']> extends [Side, ...infer Rest] ? Rest : never): void {
    this.#shared.rows.row(this.#side, ...row);
  }
}

const noSettings: readonly SettingPair[] = [];
