import { createHash } from 'node:crypto';
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

type UpstreamTls = NonNullable<UpstreamConfig['tls']>;

const outbound = new Map<string, SecureContext>();

/**
 * One context for all connections to upstreams with the same certificates, of whatever listener: the well-known roots alone take
 * 2 ms to read, and a configuration may have a thousand listeners. Which session is resumed is chosen for each connection.
 */
export function outboundContext(tls: UpstreamTls): SecureContext {
  const { ca, crl, clientCert, clientKey, clientKeyPassword } = tls;
  const key = createHash('sha256')
    .update(
      JSON.stringify([ca, crl, clientCert, clientKey, clientKeyPassword].map((part) => part && String(part))),
    )
    .digest('base64');
  const context = outbound.get(key) ?? createOutbound(tls);
  outbound.set(key, context);
  return context;
}

/** `ca` adds to the well-known roots, as in 1.50. */
function createOutbound(tls: UpstreamTls): SecureContext {
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
