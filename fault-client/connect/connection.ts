import type net from 'node:net';
import tls from 'node:tls';
import type { ClientResult, ClientSpec } from '../../protos/control/fault-client.ts';
import type { Run } from '../run/run.ts';
import { inPhase } from '../run/run-error.ts';
import { shaped } from '../shaping/shape-connection.ts';
import { openSocket } from './open-socket.ts';
import { proxyHeaderBytes } from './proxy-header.ts';
import { SocketEnd } from './socket-end.ts';
import { tlsOptions } from './tls-options.ts';
import { cutAt, writePieces } from './write-pieces.ts';

/** A connection ready for its protocol. `raw` stays ours: only a raw socket can send a real RST. */
export type Connection = {
  raw: net.Socket;
  /** What the protocol speaks over: the TLS socket, or the raw one for plaintext. */
  stream: net.Socket;
  end: SocketEnd;
};

/** TCP, then the PROXY header, then TLS; each step's failure carries its phase. */
export async function openConnection(spec: ClientSpec, run: Run): Promise<Connection> {
  const raw = await openSocket(spec, run);
  const end = run.trackEnd(new SocketEnd());
  if (spec.proxyHeader) await sendProxyHeader(raw, spec.proxyHeader);
  const place = { spec, run, raw, end };
  const carrier = shaped('wire', raw, place);
  if (!spec.tls) {
    end.watch(raw);
    return { raw, stream: shaped('app', carrier, place), end };
  }
  const stream = await secure(carrier, end, spec, run);
  return { raw, stream: shaped('app', stream, place), end };
}

export async function sendProxyHeader(
  raw: net.Socket,
  spec: NonNullable<ClientSpec['proxyHeader']>,
): Promise<void> {
  const bytes = proxyHeaderBytes(spec);
  if (bytes.length === 0) return;
  try {
    await writePieces(raw, cutAt(bytes, spec.split ?? []));
  } catch (error) {
    throw inPhase('proxy_header', error);
  }
}

/** Handshake over a socket that is already connected. Also the way faults go on to TLS after bytes of their own. */
export async function secure(
  raw: net.Socket,
  end: SocketEnd,
  spec: ClientSpec,
  run: Run,
  /** What belongs to the connection; what belongs to a context comes from the spec. */
  extra: Pick<tls.ConnectionOptions, 'session'> = {},
): Promise<tls.TLSSocket> {
  const settings = spec.tls ?? {};
  // Over a socket that is gone already tls.connect tells nothing, ever.
  if (raw.destroyed) {
    end.watch(raw);
    throw inPhase('tls', raw.errored ?? new Error('closed before the handshake'));
  }
  const stream = tls.connect({
    ...tlsOptions(settings, spec.proto, run.certificates),
    socket: raw,
    // Node's types leave it out for a given socket; without it Node answers the peer's FIN by itself.
    allowHalfOpen: true,
    ...extra,
  } as tls.ConnectionOptions);
  end.watch(stream);
  await new Promise<void>((resolve, reject) => {
    // A FIN that the raw socket has read already is told by nobody else: TLS would wait for ever.
    raw.once('end', () => {
      end.peer('fin');
      reject(inPhase('tls', new Error('the peer ended the connection before the handshake')));
    });
    raw.read(0);
    stream.once('secureConnect', resolve);
    stream.once('error', (error) => {
      // A certificate we refuse ends the connection from this side, a peer's alert from the other.
      if (/_ALERT_/.test((error as NodeJS.ErrnoException).code ?? '')) end.by ??= 'peer';
      else if (end.peerEnd === null) end.self();
      reject(inPhase('tls', error));
    });
    stream.once('close', () => reject(inPhase('tls', new Error('closed during the handshake'))));
  });
  stream.on('error', (error) => run.lateError(error));
  run.secured(describeTls(stream));
  return stream;
}

function describeTls(stream: tls.TLSSocket): NonNullable<ClientResult['tls']> {
  return {
    version: stream.getProtocol() ?? '',
    cipher: stream.getCipher()?.standardName ?? stream.getCipher()?.name ?? '',
    alpn: stream.alpnProtocol || null,
    server_cert: commonName(stream),
  };
}

function commonName(stream: tls.TLSSocket): string | null {
  const text = stream.getPeerX509Certificate()?.subject ?? '';
  // A simple subject is read as it stands: getPeerCertificate takes as long as a tenth of the handshake.
  if (!/[\\+"]/.test(text)) return /^CN=(.*)$/m.exec(text)?.[1] ?? null;
  const subject = stream.getPeerCertificate()?.subject?.CN;
  return (Array.isArray(subject) ? subject[0] : subject) ?? null;
}
