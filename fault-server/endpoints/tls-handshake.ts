import { createSecureContext, type SecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import type { EndpointTls } from '../../protos/control/fault-server.ts';
import type { Identities } from './identities.ts';
import type { ServerConnection } from './server-connection.ts';

/** What an endpoint needs to shake hands, made once and used by all its connections. */
export type TlsAcceptor = { context: SecureContext; spec: EndpointTls; alpn: string[] };

/** Throws with the name of what is missing when the certificate or the CA is unknown. */
export function tlsAcceptor(spec: EndpointTls, defaultAlpn: string[], identities: Identities): TlsAcceptor {
  const own = identities(spec.cert ?? 'server');
  const wantsClient = (spec.clientCert ?? 'none') !== 'none';
  return {
    context: contextOf({
      cert: own.cert,
      key: own.key,
      ca: wantsClient ? identities(spec.clientCa ?? 'ca').cert : undefined,
      minVersion: spec.minVersion,
      maxVersion: spec.maxVersion,
      // TLS 1.0 and 1.1 exist in OpenSSL 3 only below its default security level.
      ciphers: spec.ciphers ?? (isOld(spec.minVersion) || isOld(spec.maxVersion) ? OLD_CIPHERS : undefined),
      honorCipherOrder: true,
      ...(spec.groups === undefined ? {} : { ecdhCurve: spec.groups }),
      ...(spec.sigalgs === undefined ? {} : { sigalgs: spec.sigalgs }),
    }),
    spec,
    alpn: spec.alpn ?? defaultAlpn,
  };
}

/**
 * Shakes hands on the raw socket and observes the outcome. `done` is called on success alone; a failed handshake ends
 * the connection. With `clientCert: require` a missing certificate is refused by OpenSSL with its alert; one that does
 * not verify is refused by closing, since Node never sends an alert for it.
 */
export function acceptTls(connection: ServerConnection, acceptor: TlsAcceptor, done: () => void): void {
  const clientCert = acceptor.spec.clientCert ?? 'none';
  const tls = new TLSSocket(connection.carrier, {
    isServer: true,
    allowHalfOpen: true,
    secureContext: acceptor.context,
    requestCert: clientCert !== 'none',
    rejectUnauthorized: clientCert === 'require',
    // An empty list is told apart from none: both mean that ALPN is not answered.
    ALPNProtocols: acceptor.alpn.length > 0 ? acceptor.alpn : undefined,
  } as ConstructorParameters<typeof TLSSocket>[1]);
  let settled = false;
  const fail = (error: Error & { code?: string }) => {
    if (settled) return;
    settled = true;
    connection.observe({ ...describe(tls), outcome: 'fail', error: error.code ?? error.message });
    connection.destroy();
  };
  connection.wear(tls);
  tls.on('error', fail);
  tls.on('_tlsError', fail);
  tls.once('close', () => fail(Object.assign(new Error('closed in the handshake'), { code: 'ECONNRESET' })));
  // A half-open socket tells of the peer's FIN only when it is read; before the handshake is done there is no data in it.
  const lookForEnd = () => void tls.read();
  const ended = () =>
    fail(Object.assign(new Error('the peer ended the connection in the handshake'), { code: 'EOF' }));
  tls.on('readable', lookForEnd);
  tls.once('end', ended);
  tls.once('secure', () => {
    if (settled) return;
    tls.off('readable', lookForEnd);
    tls.off('end', ended);
    // tls.Server would say so; while it is unsaid an HTTP/2 session waits for it.
    Object.assign(tls, { secureConnecting: false });
    // An alert from here on leaves the socket standing; over a wrapper no end of TCP follows that would free it.
    if (connection.carrier !== connection.raw) tls.on('_tlsError', () => connection.discard());
    const refused = clientCert === 'none' ? null : verifyError(tls);
    if (refused && clientCert === 'require') return fail(refused);
    settled = true;
    connection.observe({
      ...describe(tls),
      outcome: 'ok',
      authorized: clientCert !== 'none' && refused === null,
      error: refused?.code ?? null,
    });
    done();
  });
}

/** A certificate below OpenSSL's security level is what such an endpoint is for: its peer is to judge it. */
function contextOf(options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (error) {
    const isWeak = /TOO_SMALL|TOO_WEAK/.test((error as NodeJS.ErrnoException).code ?? '');
    if (!isWeak || options.ciphers !== undefined) throw error;
    return createSecureContext({ ...options, ciphers: OLD_CIPHERS });
  }
}

const OLD_CIPHERS = 'DEFAULT:@SECLEVEL=0';

function isOld(version: string | undefined): boolean {
  return version === 'TLSv1' || version === 'TLSv1.1';
}

function describe(tls: TLSSocket) {
  const established = tls.getCipher()?.version !== undefined;
  const peer = established ? tls.getPeerX509Certificate() : undefined;
  return {
    observation: 'tls' as const,
    version: established ? tls.getProtocol() : null,
    cipher: established ? tls.getCipher().name : null,
    alpn: tls.alpnProtocol || null,
    sni: (tls as { servername?: string | false }).servername || null,
    resumed: established && tls.isSessionReused(),
    client_cert: peer ? (/(?:^|\n)CN=(.*)/.exec(peer.subject)?.[1] ?? peer.subject) : null,
    authorized: false,
  };
}

/**
 * Why the client's certificate does not verify. OpenSSL's verdict is reachable on the handle only: `authorized` is set
 * by tls.Server, which does not own this socket. A missing certificate reads as a missing issuer there, so ask first.
 */
function verifyError(tls: TLSSocket): (Error & { code?: string }) | null {
  if (!tls.getPeerX509Certificate())
    return Object.assign(new Error('no certificate'), { code: 'NO_CERTIFICATE' });
  const handle = tls as unknown as { ssl?: { verifyError(): (Error & { code?: string }) | null } };
  return handle.ssl?.verifyError() ?? null;
}
