import type { ExchangePhase, Side, Tap } from '../taps/tap.ts';
import { type ActivityTimer, startActivityTimer } from './activity-timer.ts';
import { DecodingRest } from './decoding-rest.ts';
import { destroyLeg, type Leg, reset, socketClosed, whenFlushed } from './leg.ts';
import { endMayBeReset, wasReset } from './peer-reset.ts';
import { RelayEnds } from './relay-ends.ts';
import type { Session } from './session.ts';
import { readIntoShared } from './shared-read.ts';
import { judgeStreamError } from './stream-error.ts';
import { writeTlsRow } from './tls-row.ts';
import { judgeTimeout, phaseLetter, shutdownVerdict, type Verdict } from './verdict.ts';
import { writeCopy } from './write-copy.ts';

/** Carry bytes both ways, unchanged, until both sides have ended; then say why. `timedOut` may answer before the end. */
export function relay(
  session: Session,
  client: Leg,
  upstream: Leg,
  tap: Tap,
  answerTimeout: (client: Leg) => Promise<void> | null = () => null,
): Promise<Verdict> {
  return new Promise((resolve) => new Relay(session, client, upstream, tap, answerTimeout, resolve).start());
}

type Direction = {
  from: Leg;
  to: Leg;
  blocked: boolean;
  rest: DecodingRest;
  ended: 'fin' | 'rst' | 'error' | null;
  flushed: boolean;
};

function newDirection(from: Leg, to: Leg): Direction {
  return { from, to, blocked: false, rest: new DecodingRest(), ended: null, flushed: false };
}

class Relay {
  readonly #session: Session;
  readonly #tap: Tap;
  readonly #requests: Direction;
  readonly #responses: Direction;
  readonly #answerTimeout: (client: Leg) => Promise<void> | null;
  readonly #resolve: (verdict: Verdict) => void;
  readonly #ends: RelayEnds;
  #activity: ActivityTimer | null = null;
  #congested = false;
  /** The proxy resets a side now: what that side's socket reports from here on is the proxy's own doing. */
  #resetting = false;
  #done = false;

  constructor(
    session: Session,
    client: Leg,
    upstream: Leg,
    tap: Tap,
    answerTimeout: (client: Leg) => Promise<void> | null,
    resolve: (verdict: Verdict) => void,
  ) {
    this.#session = session;
    this.#tap = tap;
    this.#answerTimeout = answerTimeout;
    this.#resolve = resolve;
    this.#ends = new RelayEnds(session, tap, client.raw);
    this.#requests = newDirection(client, upstream);
    this.#responses = newDirection(upstream, client);
  }

  start(): void {
    const { readTimeoutMs, idleTimeoutMs } = this.#session.runtime.config.policy;
    const shortestMs = Math.min(readTimeoutMs, idleTimeoutMs);
    this.#session.cancel = () => this.#shutDown();
    this.#activity = startActivityTimer(
      shortestMs,
      () => this.#limitMs(),
      (limitMs) => this.#expired(limitMs),
    );
    const { early } = this.#session;
    if (early !== null) this.#forward(this.#requests, early);
    for (const direction of [this.#requests, this.#responses]) this.#pump(direction);
    for (const direction of [this.#requests, this.#responses]) {
      if (direction.from.error !== null) this.#onError(direction);
    }
    if (this.#session.cancelled) this.#session.cancel();
  }

  #pump(direction: Direction): void {
    const { from, to } = direction;
    from.onError = () => this.#onError(direction);
    for (let chunk = from.stream.read(); chunk !== null; chunk = from.stream.read())
      this.#forward(direction, chunk);
    const forward = (chunk: Buffer) => this.#forward(direction, chunk);
    if (!readIntoShared(from.stream, forward)) from.stream.on('data', forward);
    from.stream.on('end', () => this.#onEnd(direction));
    from.stream.on('close', () => this.#onClose(direction));
    to.stream.on('drain', () => {
      direction.blocked = false;
      this.#resume(direction);
    });
    if (from.stream.readableEnded && from.error === null) this.#onEnd(direction);
    else from.stream.resume();
  }

  #forward(direction: Direction, chunk: Buffer): void {
    const { from, to } = direction;
    this.#activity?.touch();
    if (from.side === 'client') this.#session.bytesIn += chunk.length;
    else {
      this.#session.bytesOut += chunk.length;
      if (this.#requests.ended === 'fin') this.#ends.sentAfterFin = true;
    }
    // Before the write: in it OpenSSL may read on, into the buffer that this chunk lies in.
    const startedMs = direction.rest.begin(chunk.length);
    this.#tap.data(from.side, chunk);
    if (direction.rest.isDue(startedMs)) {
      from.stream.pause();
      direction.rest.take(() => this.#resume(direction));
    }
    if (!to.stream.destroyed && to.stream.writable && !writeCopy(to.stream, to.tls !== null, chunk)) {
      direction.blocked = true;
      from.stream.pause();
    }
    if (this.#session.context.log.congested) this.#holdForLog();
  }

  #holdForLog(): void {
    if (this.#congested) return;
    this.#congested = true;
    this.#requests.from.stream.pause();
    this.#responses.from.stream.pause();
    this.#session.context.log.onceDrained(() => {
      this.#congested = false;
      this.#resume(this.#requests);
      this.#resume(this.#responses);
    });
  }

  #resume(direction: Direction): void {
    this.#activity?.touch();
    if (!direction.blocked && !direction.rest.active && !this.#congested) direction.from.stream.resume();
  }

  /** A fatal alert makes OpenSSL report the end first and the error right after it: let the error speak. */
  #onEnd(direction: Direction): void {
    if (direction.from.tls === null) this.#onFin(direction);
    else setImmediate(() => this.#onFin(direction));
  }

  #onFin(direction: Direction): void {
    if (direction.ended !== null || this.#done) return;
    const { from, to } = direction;
    const closeNotify = from.closeNotify();
    // After our own FIN a plain FIN leaves the same trace, and there was no write left that could swallow an RST.
    const doubtful = from.tls === null ? endMayBeReset : closeNotify !== true;
    if (doubtful && !from.stream.writableEnded && !from.raw.writableEnded && wasReset(from.raw)) {
      from.error ??= Object.assign(new Error('reset by the peer'), { code: 'ECONNRESET' });
      this.#onError(direction);
      return;
    }
    direction.ended = 'fin';
    this.#ends.note(from, 'fin', null, closeNotify);
    this.#tap.end(from.side, 'fin', closeNotify);
    this.#ends.set(from.side, 'fin', closeNotify);
    if (closeNotify === false && to.tls !== null) this.#endBare(direction);
    else if (to.stream.writable) to.stream.end(() => this.#flushed(direction));
    else this.#flushed(direction);
    this.#maybeFinish();
  }

  /** A FIN that came without close_notify leaves without one: the other side must be able to see the truncation too. */
  #endBare(direction: Direction): void {
    const { to } = direction;
    whenFlushed(to.stream, () => {
      if (to.raw.destroyed) this.#flushed(direction);
      else to.raw.end(() => this.#flushed(direction));
    });
  }

  #flushed(direction: Direction): void {
    direction.flushed = true;
    this.#maybeFinish();
  }

  #onClose(direction: Direction): void {
    if (direction.from.error === null && direction.from.stream.readableEnded) this.#onFin(direction);
    else if (direction.ended === null && !this.#done && !this.#resetting) {
      direction.from.error ??= socketClosed();
      this.#onError(direction);
    }
  }

  /** An error on a side's stream: its RST, a fatal alert from it, or a record of it that does not decrypt. */
  #onError(direction: Direction): void {
    if (this.#done || this.#resetting) return;
    const { from, to } = direction;
    const afterFin = direction.ended === 'fin';
    if (direction.ended === 'rst' || direction.ended === 'error') return;
    for (let chunk = from.stream.read(); chunk !== null; chunk = from.stream.read())
      this.#forward(direction, chunk);
    const meaning = judgeStreamError(from, from.error!, this.#session.bytesOut > 0);
    direction.ended = meaning.end;
    if (afterFin && from.side === 'client') this.#ends.clientGone = true;
    this.#ends.note(from, meaning.end === 'rst' ? 'rst' : 'alert', meaning.proved, null);
    if (meaning.lateFailure !== null && from.tls !== null) {
      const side = from.side === 'client' ? 'in' : 'out';
      writeTlsRow(
        this.#session,
        { side, startedAtMs: from.startedAtMs, tls: from.tls },
        meaning.lateFailure,
        true,
      );
    }
    if (!afterFin) this.#tap.end(from.side, 'rst');
    if (meaning.end === 'rst') this.#ends.set(from.side, 'rst', null);
    this.#resetAfterFlush(to);
  }

  /** What was read before the RST belongs to the other side first. */
  #resetAfterFlush(to: Leg): void {
    // Never inside a callback of OpenSSL: closing the raw handle there crashes Node.
    whenFlushed(to.stream, () => {
      setImmediate(() => {
        this.#resetNow(to);
        this.#finish();
      });
    });
  }

  #resetNow(to: Leg): void {
    this.#resetting = true;
    if (!to.raw.destroyed) reset(to);
  }

  #maybeFinish(): void {
    const both = [this.#requests, this.#responses];
    if (both.every((direction) => direction.ended === 'fin' && direction.flushed)) this.#finish();
  }

  #limitMs(): number {
    const { readTimeoutMs, idleTimeoutMs } = this.#session.runtime.config.policy;
    // The peers may have sent; it is the proxy that does not read.
    if (this.#congested) return Number.POSITIVE_INFINITY;
    // After a FIN with nothing open the other side has only its own FIN left to send.
    const waits = this.#phase() !== 'idle' && this.#tap.state().patient !== true;
    return this.#ends.first !== null || waits ? readTimeoutMs : idleTimeoutMs;
  }

  /** An answer is not over for a client that has not taken all of it. */
  #phase(): ExchangePhase {
    const { phase } = this.#tap.state();
    return phase === 'idle' && this.#responses.blocked ? 'response' : phase;
  }

  /** The side that takes no more bytes and so holds up the other one. */
  #full(phase: ExchangePhase): Side | null {
    if (phase === 'response' && this.#responses.blocked) return 'client';
    return phase === 'request' && this.#requests.blocked ? 'upstream' : null;
  }

  #expired(limitMs: number): void {
    const { protocol, flowBlockedBy } = this.#tap.state();
    const phase = this.#phase();
    const verdict = judgeTimeout({ phase, protocol, flowBlockedBy, limitMs, full: this.#full(phase) });
    if (this.#ends.first !== null && this.#ends.clientWaits() && phase === 'response')
      verdict.flags.push(...this.#ends.flags);
    else if (this.#ends.first !== null) {
      this.#ends.flags.push(verdict.closeReason);
      // With an answer open a FIN would make it look whole.
      if (phase !== 'idle') this.#resetNow(this.#responses.to);
      this.#finish();
      return;
    }
    if (phase === 'idle') {
      this.#finishSoon(verdict);
      return;
    }
    const answered = phase === 'waiting' ? this.#answerTimeout(this.#responses.to) : null;
    if (answered === null) {
      this.#finishNow(verdict);
      return;
    }
    this.#done = true;
    reset(this.#requests.to);
    void answered.then(() => this.#settle(verdict));
  }

  #shutDown(): void {
    if (this.#done) return;
    const phase = this.#phase();
    const verdict = shutdownVerdict(phaseLetter(phase));
    if (phase === 'idle') this.#finishSoon(verdict);
    else this.#finishNow(verdict);
  }

  /** Nothing is open: FIN to both, which must leave before the sockets are destroyed. */
  #finishSoon(verdict: Verdict): void {
    this.#done = true;
    this.#requests.to.stream.end();
    this.#responses.to.stream.end();
    setImmediate(() => this.#settle(verdict));
  }

  /** Exchanges are open: RST, so that neither side takes what it has for whole. */
  #finishNow(verdict: Verdict): void {
    if (this.#done) return;
    this.#done = true;
    setImmediate(() => {
      reset(this.#requests.from);
      reset(this.#responses.from);
      this.#settle(verdict);
    });
  }

  #finish(): void {
    if (this.#done) return;
    this.#done = true;
    this.#settle(this.#ends.verdict());
  }

  #settle(verdict: Verdict): void {
    this.#activity?.stop();
    this.#session.cancel = null;
    setImmediate(() => {
      destroyLeg(this.#requests.from);
      destroyLeg(this.#responses.from);
      this.#resolve(verdict);
    });
  }
}
