import type { CauseWord } from '../../protos/records/causes.ts';
import type { ProxyHeader } from '../proxy-protocol/decoder.ts';
import { createProxyHeaderDecoder, type DecoderResult } from '../proxy-protocol/decoder.ts';
import { collect } from './collect.ts';
import { putBack, type Session } from './session.ts';
import { ownVerdict, shutdownVerdict, type Verdict } from './verdict.ts';

type Decision = Exclude<DecoderResult, { state: 'more' }>;

/** Read the PROXY header if the listener takes one. A verdict means that the connection is refused; null goes on. */
export async function readProxyHeader(session: Session): Promise<Verdict | null> {
  const { mode, timeoutMs } = session.runtime.config.proxyProtocol;
  if (mode === 'off') {
    session.proxy.version = 'none';
    return null;
  }
  const decoder = createProxyHeaderDecoder(mode);
  let received = 0;
  const result = await collect<Decision>(session, timeoutMs, (chunk) => {
    received += chunk.length;
    const state = decoder.push(chunk);
    return state.state === 'more' ? null : state;
  });
  switch (result.kind) {
    case 'cancelled':
      return shutdownVerdict('R');
    case 'done':
      return apply(session, result.value);
    case 'timeout':
      // A client that waits for the server to speak first sends no header in mode auto.
      if (mode === 'auto' && received === 0) return apply(session, { state: 'none', rest: Buffer.alloc(0) });
      return refuse(session, 'proxy_timeout', `no whole header within ${timeoutMs} ms`, 'proxy');
    case 'fin':
    case 'rst': {
      const state = decoder.end();
      if (state.state !== 'more' && state.state !== 'invalid') return apply(session, state);
      const error = state.state === 'invalid' ? state.error : 'the peer closed';
      return refuse(session, state.state === 'invalid' ? state.cause : 'proxy_truncated', error, 'client');
    }
  }
}

function apply(session: Session, decision: Decision): Verdict | null {
  const { proxy, context, runtime } = session;
  if (decision.state === 'invalid') return refuse(session, decision.cause, decision.error, 'proxy');
  putBack(session, decision.rest);
  if (decision.state === 'none') {
    proxy.version = 'none';
    return null;
  }
  const { header } = decision;
  describe(session, header);
  if (!runtime.trusts(context.peerIp)) {
    const error = `a header came from ${context.peerIp}, which is not in proxy_protocol.trusted`;
    return ownProxyVerdict('proxy_untrusted_peer', error);
  }
  proxy.header = header.raw;
  if (header.src !== null) {
    context.clientIp = header.src.ip;
    context.clientPort = header.src.port;
  }
  return null;
}

function describe({ proxy }: Session, header: ProxyHeader): void {
  proxy.version = header.version;
  proxy.command = header.command;
  proxy.src = header.src === null ? null : endpoint(header.src.ip, header.src.port);
  proxy.dst = header.dst === null ? null : endpoint(header.dst.ip, header.dst.port);
  proxy.tlvs = header.tlvs.map((tlv) => ({ type: tlv.type, name: tlv.name, value_hex: tlv.valueHex }));
}

function endpoint(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function refuse(session: Session, cause: CauseWord, error: string, closedBy: 'client' | 'proxy'): Verdict {
  session.proxy.version = 'invalid';
  return { ...ownProxyVerdict(cause, error), closedBy };
}

function ownProxyVerdict(cause: CauseWord, error: string): Verdict {
  return {
    ...ownVerdict('proxy_protocol_error', cause, 'pR', error),
    flags: ['client_proxy_protocol_error'],
  };
}
