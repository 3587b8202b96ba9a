import type net from 'node:net';
import type { ClientResult, MeasuredExchange } from '../../protos/control/fault-client.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { formatAddress } from '../connect/open-socket.ts';
import type { SocketEnd } from '../connect/socket-end.ts';
import { Exchange } from './exchange.ts';
import { messageOf, type Phase, RunError } from './run-error.ts';

export type RunHooks = {
  certificates: Certificates;
  /** Told at connect, before the socket's first byte. */
  onSocket: (local: string, remote: string) => void;
  /** Told once a fault has all its connections open and holds them. */
  onHolding?: () => void;
  /** Told after each exchange of a chat that measures. */
  onExchange?: (exchange: MeasuredExchange) => void;
  /** Aborted when the run is to come to its own end. */
  finishing?: AbortSignal;
};

/** What one run has seen so far. It can be asked for its result at any moment, also when it is given up. */
export class Run {
  readonly certificates: Certificates;
  readonly exchanges: Exchange[] = [];
  readonly notes: string[] = [];
  tls: ClientResult['tls'] = null;
  goaway: ClientResult['close']['goaway'] = null;
  receivedHex: string | null = null;
  /** Where the run is now; a run that is given up fails here. */
  phase: Phase = 'connect';
  /** An alert that came after the handshake: TLS 1.3 judges the client's certificate late (RFC 8446 4.4.2.4). */
  lateTlsError: RunError | null = null;
  /** Why a relay could not reach the target; the library behind it only says UNAVAILABLE. */
  relayError: Error | null = null;
  readonly #hooks: RunHooks;
  readonly #owned = new Set<{ destroy(): unknown }>();
  readonly #sockets: string[] = [];
  readonly #raw: net.Socket[] = [];
  #end: SocketEnd | null = null;

  constructor(hooks: RunHooks) {
    this.#hooks = hooks;
    this.certificates = hooks.certificates;
  }

  /** The run is to come to its own end. */
  get finishing(): boolean {
    return this.#hooks.finishing?.aborted ?? false;
  }

  /** Everything is open: resolves once the run is to end, at the latest after `limitMs`. */
  async hold(limitMs: number): Promise<void> {
    const { onHolding, finishing } = this.#hooks;
    onHolding?.();
    if (finishing?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, limitMs);
    finishing?.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }

  measured(exchange: MeasuredExchange): void {
    this.#hooks.onExchange?.(exchange);
  }

  /** Destroyed with the run, whatever becomes of it. */
  own(resource: { destroy(): unknown }): void {
    this.#owned.add(resource);
  }

  connected(socket: net.Socket): void {
    const local = formatAddress(socket.localAddress, socket.localPort);
    this.#sockets.push(local);
    this.#raw.push(socket);
    this.#hooks.onSocket(local, formatAddress(socket.remoteAddress, socket.remotePort));
  }

  /** The connection whose end the result tells; the last one wins. */
  trackEnd(end: SocketEnd): SocketEnd {
    this.#end = end;
    return end;
  }

  secured(tls: NonNullable<ClientResult['tls']>): void {
    this.tls = tls;
    this.phase = 'request';
  }

  lateError(error: NodeJS.ErrnoException): void {
    if (error.code?.startsWith('ERR_SSL_'))
      this.lateTlsError ??= new RunError('tls', error.code, messageOf(error));
  }

  exchange(): Exchange {
    const exchange = new Exchange();
    this.exchanges.push(exchange);
    return exchange;
  }

  /** First 4 KiB of what came back on a raw connection. */
  received(bytes: Buffer): void {
    const known = this.receivedHex ?? '';
    this.receivedHex = known + bytes.toString('hex', 0, Math.max(0, 4096 - known.length / 2));
  }

  destroy(): void {
    for (const resource of this.#owned) resource.destroy();
  }

  result(outcome: ClientResult['outcome'], error: RunError | null, durationMs: number): ClientResult {
    return {
      outcome,
      error: error && { code: error.code, message: error.message, phase: error.phase },
      exchanges: this.exchanges.map((exchange) => exchange.result()),
      tls: this.tls,
      close: { by: this.#end?.by ?? null, peer_end: this.#end?.peerEnd ?? null, goaway: this.goaway },
      sockets: this.#sockets,
      received_hex: this.receivedHex,
      received_bytes: this.#raw.reduce((bytes, socket) => bytes + socket.bytesRead, 0),
      notes: this.notes,
      duration_ms: Math.round(durationMs * 1000) / 1000,
    };
  }
}
