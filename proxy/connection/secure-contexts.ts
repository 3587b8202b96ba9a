import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import type { ListenerTls, UpstreamConfig } from '../config/types.ts';

/** One context for all connections of a listener. Throws when certificate and key do not fit. */
export function inboundContext(tls: ListenerTls, ticketKeys?: Buffer): SecureContext {
  return createSecureContext({
    cert: tls.cert,
    key: tls.key,
    ...(tls.clientCa === null ? {} : { ca: tls.clientCa }),
    ...(tls.clientCrl === null ? {} : { crl: tls.clientCrl }),
    minVersion: tls.minVersion,
    ...(ticketKeys === undefined ? {} : { ticketKeys }),
    // Without it OpenSSL refuses to resume sessions of clients that showed a certificate.
    sessionIdContext: 'wiretracer',
  });
}

/** One context for all connections to an upstream. `ca` adds to the well-known roots, as in 1.50. */
export function outboundContext(tls: NonNullable<UpstreamConfig['tls']>): SecureContext {
  return createSecureContext({
    ...(tls.ca === null ? {} : { ca: [...rootCertificates, tls.ca] }),
    ...(tls.crl === null ? {} : { crl: tls.crl }),
    ...(tls.clientCert !== null && tls.clientKey !== null
      ? {
          cert: tls.clientCert,
          key: tls.clientKey,
          ...(tls.clientKeyPassword === null ? {} : { passphrase: tls.clientKeyPassword }),
        }
      : {}),
    minVersion: 'TLSv1.2',
  });
}
