import type { ConnectionContext } from '../../connection/context.ts';
import type { Ending, Side, StreamEnd, Tap, TapState } from '../tap.ts';
import { createControlRows } from './control-rows.ts';
import { type Exchange, phaseOf } from './exchange.ts';
import { Exchanges } from './exchanges.ts';
import { Flow } from './flow.ts';
import { FrameDecoder } from './frame-decoder.ts';
import { SettingsState } from './settings-state.ts';
import { type SharedState, SideListener, standingViolation } from './side-listener.ts';
import { failureOf, verdictOf } from './verdict.ts';

/** Epoch milliseconds with a fraction. */
export type Clock = () => number;

/**
 * The tap of one HTTP/2 connection: both sides' decrypted bytes in, `event` rows (one for each stream) and `h2ctl` rows out.
 * Give it the bytes of a side before they are relayed, so that a grant is known before it is used.
 */
export function createH2Tap(context: ConnectionContext, clock: Clock = epochMs): Tap {
  return new H2Tap(context, clock);
}

function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

class H2Tap implements Tap {
  readonly #clock: Clock;
  readonly #exchanges: Exchanges;
  readonly #shared: SharedState;
  readonly #decoders: Record<Side, FrameDecoder>;
  readonly #flows: Record<Side, Flow>;
  #cutMidFrame = false;
  #closed = false;

  constructor(context: ConnectionContext, clock: Clock) {
    this.#clock = clock;
    this.#exchanges = new Exchanges(context);
    const rows = createControlRows(context);
    const announced = { client: new SettingsState(), upstream: new SettingsState() };
    this.#flows = {
      client: new Flow('client', announced.upstream, rows),
      upstream: new Flow('upstream', announced.client, rows),
    };
    this.#shared = {
      nowMs: 0,
      exchanges: this.#exchanges,
      rows,
      announced,
      flows: this.#flows,
      goaway: { client: null, upstream: null },
      stopped: { client: false, upstream: false },
      violation: preface(context.tlsIn.alpn),
      violationAfter: 0,
    };
    const decoder = (side: Side, bounds: SettingsState) =>
      new FrameDecoder(side === 'client', bounds, new SideListener(side, this.#shared));
    this.#decoders = {
      client: decoder('client', announced.upstream),
      upstream: decoder('upstream', announced.client),
    };
  }

  data(from: Side, chunk: Buffer): void {
    if (this.#closed) return;
    this.#shared.nowMs = this.#clock();
    this.#exchanges.headerBytesOfChunk = 0;
    this.#decoders[from].push(chunk);
  }

  end(from: Side, _how: StreamEnd): void {
    if (this.#decoders[from].midFrame) this.#cutMidFrame = true;
  }

  state(): TapState {
    const { lastPath, lastTid, completed, untracked, waiting } = this.#exchanges;
    const oldest = this.#exchanges.oldestWaiting();
    // A header block without its end is a request that nobody can read yet.
    const begun = !this.#closed && this.#decoders.client.inHeaderBlock;
    return {
      protocol: 'h2',
      phase: oldest !== undefined ? phaseOf(oldest) : begun ? 'request' : 'idle',
      openExchanges: begun ? waiting + 1 : waiting,
      completedExchanges: completed + untracked,
      path: lastPath,
      tid: lastTid,
      flowBlockedBy: oldest === undefined ? null : this.#flowBlockedBy(oldest),
      clientGoaway: this.#shared.goaway.client,
      upstreamGoaway: this.#shared.goaway.upstream,
      unanswered: null,
      violation: standingViolation(this.#shared),
    };
  }

  causeOf(by: Side, how: StreamEnd): ReturnType<Tap['causeOf']> {
    return verdictOf(by, how, this.#waiting(), this.#known());
  }

  close(ending: Ending): void {
    if (this.#closed) return;
    this.#closed = true;
    const nowMs = this.#clock();
    const known = this.#known();
    for (const exchange of this.#exchanges.all()) {
      const failure = exchange.response.ended ? null : failureOf(exchange, ending, known);
      this.#exchanges.finish(exchange, nowMs, failure);
    }
  }

  /** Exchanges whose response is not complete, oldest first. */
  #waiting(): Exchange[] {
    return this.#exchanges.all().filter((exchange) => !exchange.response.ended);
  }

  /** By the oldest one, since the others may wait for another window. */
  #flowBlockedBy(oldest: Exchange): Side | null {
    const { client, upstream } = this.#flows;
    if (!this.#exchanges.everyWaiting((one) => client.isBlocked(one) || upstream.isBlocked(one))) return null;
    return client.isBlocked(oldest) ? 'upstream' : 'client';
  }

  #known() {
    const { goaway } = this.#shared;
    const violation = standingViolation(this.#shared);
    return {
      clientGoaway: goaway.client,
      upstreamGoaway: goaway.upstream,
      violation,
      cutMidFrame: this.#cutMidFrame,
      inRequest: this.#decoders.client.inHeaderBlock,
    };
  }
}

/** The HTTP/2 preface on a connection that agreed on another protocol is the client's breach, whatever it meets there. */
function preface(alpn: string | null): TapState['violation'] {
  if (alpn === null || alpn === 'h2') return null;
  const text = `the client speaks HTTP/2 on a connection that agreed on ${alpn}`;
  return { by: 'client', cause: 'h2_protocol_error:HTTP_1_1_REQUIRED', text };
}
