import net from 'node:net';
import tls from 'node:tls';
import type { ClientSpec, ClientTls } from '../../protos/control/fault-client.ts';
import type { Certificates } from '../certificates/certificates.ts';

/** Node's TLS options for a spec. Verification is done by Node against the fixture CA unless switched off. */
export function tlsOptions(
  settings: ClientTls,
  proto: ClientSpec['proto'],
  certificates: Certificates,
): tls.ConnectionOptions {
  const servername = settings.servername ?? 'localhost';
  return {
    secureContext: contextFor(settings, certificates),
    rejectUnauthorized: settings.verify ?? true,
    // RFC 6066 3: an IP address is never sent as SNI; Node would throw for it.
    servername: net.isIP(servername) ? '' : servername,
    // Without a name Node checks the certificate against `host`.
    host: servername === '' ? 'localhost' : servername,
    ALPNProtocols: alpnOffers(settings, proto),
  };
}

const contexts = new WeakMap<Certificates, Map<string, tls.SecureContext>>();

/** Connections with the same settings share a context: to make one costs as much as a handshake. Sessions are not in it. */
function contextFor(settings: ClientTls, certificates: Certificates): tls.SecureContext {
  const { cert, ca = 'ca', minVersion, maxVersion, groups, sigalgs, ciphers } = settings;
  const key = JSON.stringify([cert, ca, minVersion, maxVersion, groups, sigalgs, ciphers]);
  let known = contexts.get(certificates);
  if (!known) {
    known = new Map();
    contexts.set(certificates, known);
  }
  let context = known.get(key);
  if (!context) {
    const identity = cert === undefined ? null : certificates.get(cert);
    context = tls.createSecureContext({
      ca: certificates.get(ca).cert,
      ...(identity && { cert: identity.cert, key: identity.key }),
      minVersion,
      maxVersion,
      ...(groups === undefined ? {} : { ecdhCurve: groups }),
      ...(sigalgs === undefined ? {} : { sigalgs }),
      // Below TLS 1.2 OpenSSL 3 refuses its own algorithms at the default security level.
      ciphers: ciphers ?? (isOld(minVersion) ? 'DEFAULT:@SECLEVEL=0' : undefined),
    });
    known.set(key, context);
  }
  return context;
}

function alpnOffers(settings: ClientTls, proto: ClientSpec['proto']): string[] | undefined {
  const offers = settings.alpn ?? (proto === 'h1' || proto === 'raw' ? ['http/1.1'] : ['h2']);
  return offers.length === 0 ? undefined : offers;
}

function isOld(version: ClientTls['minVersion']): boolean {
  return version === 'TLSv1' || version === 'TLSv1.1';
}
