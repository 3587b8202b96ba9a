import type { X509Certificate } from 'node:crypto';
import {
  checkServerIdentity,
  type DetailedPeerCertificate,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls';
import type { TlsFields } from '../records/log.ts';

const MAX_KNOWN = 64;

type Known = {
  fields: NonNullable<TlsFields['peer_cert']>;
  /** By the name it was asked for; a verdict on a name never changes for the same certificate. */
  identity: Map<string, Error | null>;
};

/** By SHA-256 of the whole certificate. Peers show the same few again and again, and to read one costs as much as a handshake's signature. */
const known = new Map<string, Known>();

/** What a record says of a certificate. */
export function certificateFields(certificate: X509Certificate): NonNullable<TlsFields['peer_cert']> {
  return recall(certificate).fields;
}

/** Why a certificate does not stand for `name` (RFC 9525), in Node's judgement; null when it does. */
export function identityError(certificate: X509Certificate, name: string): NodeJS.ErrnoException | null {
  const { identity } = recall(certificate);
  const told = identity.get(name);
  if (told !== undefined) return told;
  const legacy = certificate.toLegacyObject() as unknown as PeerCertificate;
  const error = checkServerIdentity(name, legacy) ?? null;
  if (identity.size < MAX_KNOWN) identity.set(name, error);
  return error;
}

/**
 * Spare a client socket the reading of the peer's whole chain, which Node does for its own identity check after every
 * handshake: here `identityError` checks, and Node's check is told to accept.
 */
export function withoutChainReading(tls: TLSSocket): TLSSocket {
  tls.getPeerCertificate = unread;
  return tls;
}

function unread(): DetailedPeerCertificate {
  return {} as DetailedPeerCertificate;
}

function recall(certificate: X509Certificate): Known {
  const key = certificate.fingerprint256;
  const found = known.get(key);
  if (found !== undefined) return found;
  const fresh = { fields: fieldsOf(certificate), identity: new Map() };
  if (known.size >= MAX_KNOWN) known.delete(known.keys().next().value!);
  known.set(key, fresh);
  return fresh;
}

function fieldsOf(certificate: X509Certificate): Known['fields'] {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    not_before: certificate.validFromDate.toISOString(),
    not_after: certificate.validToDate.toISOString(),
    san: certificate.subjectAltName ?? null,
    fingerprint256: certificate.fingerprint256,
  };
}

function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}
