import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Fixture } from './names.ts';

export type Validity = { notBefore: Date; notAfter: Date };
export type Subject = {
  /** A distinguished name; empty for none. */
  name: string;
  usage: string;
  names: x509.JsonGeneralName[];
};
export type Authority = { pem: Fixture; cert: x509.X509Certificate; keys: webcrypto.CryptoKeyPair };
type KeyKind = 'P-256' | 'P-384' | 'RSA-1024' | 'RSA-2048';
/** `hash` is of the issuer's signature. */
export type LeafShape = { keys?: KeyKind; hash?: 'SHA-1' | 'SHA-256' };

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** A root without an issuer, else an intermediate. */
export async function authority(
  name: string,
  validity: Validity,
  issuer: Authority | null = null,
): Promise<Authority> {
  const keys = await generate('P-256');
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: name,
    issuer: issuer ? issuer.cert.subject : name,
    ...validity,
    publicKey: keys.publicKey,
    signingKey: issuer ? issuer.keys.privateKey : keys.privateKey,
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(true, issuer ? 0 : 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(issuer ? [await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)] : []),
    ],
  });
  return { cert, keys, pem: await toPem(cert, keys) };
}

/** A null issuer makes a self-signed leaf. */
export async function leaf(
  issuer: Authority | null,
  subject: Subject,
  validity: Validity,
  shape: LeafShape = {},
): Promise<{ cert: x509.X509Certificate; pem: Fixture }> {
  const keys = await generate(shape.keys ?? 'P-256');
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: subject.name,
    issuer: issuer ? issuer.cert.subject : subject.name,
    ...validity,
    publicKey: keys.publicKey,
    signingKey: issuer ? issuer.keys.privateKey : keys.privateKey,
    signingAlgorithm: { ...ecdsa, hash: shape.hash ?? 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.digitalSignature |
          (shape.keys?.startsWith('RSA') ? x509.KeyUsageFlags.keyEncipherment : 0),
        true,
      ),
      new x509.ExtendedKeyUsageExtension([subject.usage]),
      // RFC 5280 4.2.1.6: critical where there is no other name.
      ...(subject.names.length > 0
        ? [new x509.SubjectAlternativeNameExtension(subject.names, subject.name === '')]
        : []),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(issuer ? [await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)] : []),
    ],
  });
  return { cert, pem: await toPem(cert, keys) };
}

/** What `issuer` has revoked, as PEM under the label OpenSSL knows. */
export async function revocations(
  issuer: Authority,
  revoked: readonly x509.X509Certificate[],
  validity: Validity,
): Promise<string> {
  const crl = await x509.X509CrlGenerator.create({
    issuer: issuer.cert.subject,
    thisUpdate: validity.notBefore,
    nextUpdate: validity.notAfter,
    signingAlgorithm: ecdsa,
    signingKey: issuer.keys.privateKey,
    entries: revoked.map(({ serialNumber }) => ({
      serialNumber,
      revocationDate: validity.notBefore,
      reason: x509.X509CrlReason.keyCompromise,
    })),
  });
  return `${x509.PemConverter.encode(crl.rawData, 'X509 CRL')}\n`;
}

/** The last byte of a certificate is the signature's. */
export function withBadSignature(fixture: Fixture): Fixture {
  const der = Buffer.from(x509.PemConverter.decodeFirst(fixture.cert));
  der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
  return { ...fixture, cert: `${x509.PemConverter.encode(der, 'CERTIFICATE')}\n` };
}

function generate(kind: KeyKind): Promise<webcrypto.CryptoKeyPair> {
  const usages = ['sign', 'verify'] as const;
  if (kind === 'P-256' || kind === 'P-384')
    return webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: kind }, true, usages);
  const modulusLength = kind === 'RSA-1024' ? 1024 : 2048;
  const publicExponent = new Uint8Array([1, 0, 1]);
  return webcrypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength, publicExponent },
    true,
    usages,
  );
}

async function toPem(cert: x509.X509Certificate, keys: webcrypto.CryptoKeyPair): Promise<Fixture> {
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  // The final newline matters to whoever concatenates certificate and key into one file, as HAProxy wants them.
  return { cert: `${cert.toString('pem')}\n`, key: `${x509.PemConverter.encode(key, 'PRIVATE KEY')}\n` };
}

/** 16 random bytes with the top bit clear, so that the DER integer stays positive (RFC 5280 4.1.2.2). */
function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
