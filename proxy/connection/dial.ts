import { connect, isIP, type Socket } from 'node:net';
import type { CauseWord } from '../../protos/records/causes.ts';
import type { Session } from './session.ts';

export type DialFailure = { cause: CauseWord; error: string; timedOut: boolean };
export type Dialled = { socket: Socket; failure: null } | { socket: null; failure: DialFailure };

/** Connect to the upstream. The socket keeps its half-closed state: a FIN of one side is not the end of the other. */
export function dial(session: Session): Promise<Dialled> {
  const { upstream, policy } = session.runtime.config;
  const timeoutMs = policy.upstreamConnectTimeoutMs;
  return new Promise((resolve) => {
    const socket = connect({ host: upstream.host, port: upstream.port, allowHalfOpen: true, noDelay: true });
    let resolved = isIP(upstream.host) !== 0;
    const settle = (failure: DialFailure | null): void => {
      clearTimeout(timer);
      session.cancel = null;
      socket.off('connect', onConnect).off('error', onError);
      // From here on the stage that owns the socket listens too; an error in between must not end the process.
      socket.on('error', ignore);
      if (failure !== null) socket.destroy();
      resolve(failure === null ? { socket, failure } : { socket: null, failure });
    };
    const onConnect = (): void => {
      session.context.upstreamLocal = endpoint(socket.localAddress ?? '', socket.localPort ?? 0);
      settle(null);
    };
    const onError = (error: Error): void => settle(dialFailure(error));
    const timer = setTimeout(() => {
      const cause = resolved ? 'connection_timeout' : 'dns_timeout';
      settle({ cause, error: `${upstream.addr}: not connected within ${timeoutMs} ms`, timedOut: true });
    }, timeoutMs);
    session.cancel = () =>
      settle({ cause: 'shutdown', error: 'the proxy was told to stop', timedOut: false });
    socket.once('lookup', () => {
      resolved = true;
    });
    socket.on('connect', onConnect).on('error', onError);
    if (session.cancelled) session.cancel();
  });
}

/** Why a connect failed, in the words of RFC 9209 where it has one. */
export function dialFailure(error: Error): DialFailure {
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  const { code = '', syscall } = first as NodeJS.ErrnoException;
  const cause = syscall === 'getaddrinfo' ? 'dns_error' : (causeByCode[code] ?? 'proxy_internal_error');
  return { cause, error: first.message, timedOut: cause === 'connection_timeout' };
}

const causeByCode: Readonly<Record<string, CauseWord>> = {
  ECONNREFUSED: 'connection_refused',
  ETIMEDOUT: 'connection_timeout',
  ECONNRESET: 'connection_terminated',
  EPIPE: 'connection_terminated',
  EHOSTUNREACH: 'destination_ip_unroutable',
  ENETUNREACH: 'destination_ip_unroutable',
};

function endpoint(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function ignore(): void {}
