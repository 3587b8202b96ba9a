import type { Socket } from 'node:net';
import type { Side, Tap } from '../taps/tap.ts';
import type { Leg } from './leg.ts';
import { wasReset } from './peer-reset.ts';
import type { Session } from './session.ts';
import type { StreamErrorMeaning } from './stream-error.ts';
import { type FirstEnd, isFault, judgeRelay, type Verdict } from './verdict.ts';

/** How the two sides of a relay ended, in the order it came, and what follows from it. */
export class RelayEnds {
  readonly #session: Session;
  readonly #tap: Tap;
  readonly #clientRaw: Socket;
  /** `client_fin`, `upstream_rst`, …: 1.50's words. */
  readonly flags: string[] = [];
  first: FirstEnd | null = null;
  /** The client reset, or could not be written to, after its FIN. */
  clientGone = false;
  /** Bytes of the upstream were passed on after the client's FIN: a client still there takes them, one that is gone resets. */
  sentAfterFin = false;

  constructor(session: Session, tap: Tap, clientRaw: Socket) {
    this.#session = session;
    this.#tap = tap;
    this.#clientRaw = clientRaw;
  }

  /** A side ended now; the first end decides, unless a later one shows that it had ended nothing. */
  note(
    from: Leg,
    how: FirstEnd['how'],
    proved: StreamErrorMeaning['proved'],
    closeNotify: boolean | null,
  ): void {
    const flag = how === 'alert' ? `${from.side}_protocol_error` : `${from.side}_${how}`;
    if (this.first !== null && from.side === 'upstream' && this.clientWaits()) {
      const end = this.#judged(from, how, proved, closeNotify);
      if (isFault(end)) {
        this.first = end;
        this.flags.unshift(flag);
        return;
      }
    }
    this.flags.push(flag);
    if (this.first !== null) {
      // A rejected certificate is the reason for whatever else came before it.
      if (proved !== null && this.first.proved === null && this.first.by === from.side)
        this.first.proved = proved;
      return;
    }
    this.first = this.#judged(from, how, proved, closeNotify);
  }

  /** What the close record says of a side's own stream. */
  set(side: Side, how: 'fin' | 'rst', closeNotify: boolean | null): void {
    if (side === 'client') {
      this.#session.clientEnd ??= how;
      if (how === 'fin') this.#session.clientCloseNotify = closeNotify;
    } else {
      this.#session.upstreamEnd ??= how;
      if (how === 'fin') this.#session.upstreamCloseNotify = closeNotify;
    }
  }

  /** Whether the client has closed its sending side alone, and takes the answer: its FIN ended nothing then. */
  clientWaits(): boolean {
    const first = this.first;
    return (
      first?.by === 'client' &&
      first.how === 'fin' &&
      first.judged?.cause === 'client_gone' &&
      this.sentAfterFin &&
      !this.clientGone &&
      !wasReset(this.#clientRaw)
    );
  }

  /** The verdict once both sides have ended, or one has reset. */
  verdict(): Verdict {
    const { openExchanges, completedExchanges, violation } = this.#tap.state();
    return judgeRelay({
      first: this.first!,
      flags: this.flags,
      unserved: this.#session.bytesOut === 0 && completedExchanges === 0,
      openAtEnd: openExchanges > 0,
      clientGone: this.clientGone,
      violation,
    });
  }

  #judged(
    from: Leg,
    how: FirstEnd['how'],
    proved: StreamErrorMeaning['proved'],
    closeNotify: boolean | null,
  ): FirstEnd {
    const { phase } = this.#tap.state();
    const judged = this.#withDoubt(from, this.#tap.causeOf(from.side, how === 'fin' ? 'fin' : 'rst'));
    return { by: from.side, how, phase, judged, proved, closeNotify };
  }

  /** An end without an alert may be a refused client certificate: say what is not proved, and guess nothing. */
  #withDoubt(from: Leg, judged: FirstEnd['judged']): FirstEnd['judged'] {
    const unproved =
      from.side === 'upstream' &&
      from.tlsVersion === 'TLSv1.3' &&
      !from.ticketSeen &&
      this.#session.bytesOut === 0;
    if (judged === null || !unproved) return judged;
    const doubt =
      'neither a byte nor a session ticket had come, so it is not proved that it accepted the TLS handshake';
    return { ...judged, error: `${judged.error}; ${doubt}` };
  }
}
