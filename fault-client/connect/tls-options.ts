import net from 'node:net';
import type tls from 'node:tls';
import type { ClientSpec, ClientTls } from '../../protos/control/fault-client.ts';
import type { Certificates } from '../certificates/certificates.ts';

/** Node's TLS options for a spec. Verification is done by Node against the fixture CA unless switched off. */
export function tlsOptions(
  settings: ClientTls,
  proto: ClientSpec['proto'],
  certificates: Certificates,
): tls.ConnectionOptions {
  const identity = settings.cert === undefined ? null : certificates.get(settings.cert);
  const servername = settings.servername ?? 'localhost';
  return {
    ca: certificates.get(settings.ca ?? 'ca').cert,
    ...(identity && { cert: identity.cert, key: identity.key }),
    rejectUnauthorized: settings.verify ?? true,
    // RFC 6066 3: an IP address is never sent as SNI; Node would throw for it.
    servername: net.isIP(servername) ? '' : servername,
    // Without a name Node checks the certificate against `host`.
    host: servername === '' ? 'localhost' : servername,
    ALPNProtocols: alpnOffers(settings, proto),
    minVersion: settings.minVersion,
    maxVersion: settings.maxVersion,
    ...(settings.groups === undefined ? {} : { ecdhCurve: settings.groups }),
    ...(settings.sigalgs === undefined ? {} : { sigalgs: settings.sigalgs }),
    // Below TLS 1.2 OpenSSL 3 refuses its own algorithms at the default security level.
    ciphers: settings.ciphers ?? (isOld(settings.minVersion) ? 'DEFAULT:@SECLEVEL=0' : undefined),
  };
}

function alpnOffers(settings: ClientTls, proto: ClientSpec['proto']): string[] | undefined {
  const offers = settings.alpn ?? (proto === 'h1' || proto === 'raw' ? ['http/1.1'] : ['h2']);
  return offers.length === 0 ? undefined : offers;
}

function isOld(version: ClientTls['minVersion']): boolean {
  return version === 'TLSv1' || version === 'TLSv1.1';
}
