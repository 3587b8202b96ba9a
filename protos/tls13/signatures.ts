import { constants, createPrivateKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto';
import { alertCode, TlsError } from './tls-error.ts';

type Scheme = { id: number; keyType: string; curve?: string; hash: string | null; pss?: boolean };

/** RFC 8446 4.2.3, the schemes of both versions; the PKCS#1 ones sign in TLS 1.2 alone. */
const schemes: readonly Scheme[] = [
  { id: 0x0403, keyType: 'ec', curve: 'prime256v1', hash: 'sha256' },
  { id: 0x0503, keyType: 'ec', curve: 'secp384r1', hash: 'sha384' },
  { id: 0x0807, keyType: 'ed25519', hash: null },
  { id: 0x0804, keyType: 'rsa', hash: 'sha256', pss: true },
  { id: 0x0805, keyType: 'rsa', hash: 'sha384', pss: true },
  { id: 0x0806, keyType: 'rsa', hash: 'sha512', pss: true },
  { id: 0x0401, keyType: 'rsa', hash: 'sha256' },
  { id: 0x0501, keyType: 'rsa', hash: 'sha384' },
  { id: 0x0601, keyType: 'rsa', hash: 'sha512' },
];

export const signatureSchemeIds: readonly number[] = schemes.map((scheme) => scheme.id);

export type Identity = {
  key: KeyObject;
  /** DER, leaf first. */
  chain: Buffer[];
  scheme: number;
  auth: 'ecdsa' | 'rsa';
};

/** From PEM. Throws when the certificate or key cannot be read or its key type has no scheme here. */
export function identityOf(certPem: string, keyPem: string): Identity {
  const blocks = certPem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new Error('no certificate in the PEM text');
  const key = createPrivateKey(keyPem);
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const scheme = schemes.find((one) => one.keyType === key.asymmetricKeyType && one.curve === curve);
  if (scheme === undefined) throw new Error(`no signature scheme for a ${key.asymmetricKeyType} key`);
  const chain = blocks.map((block) => new X509Certificate(block).raw);
  return { key, chain, scheme: scheme.id, auth: scheme.keyType === 'rsa' ? 'rsa' : 'ecdsa' };
}

export function signWith(identity: Identity, content: Uint8Array): Buffer {
  return sign(algorithm(identity.scheme), content, keyInput(identity.scheme, identity.key));
}

/** Throws TlsError `decrypt_error` when the signature is not the certificate's. */
export function checkSignature(
  leafDer: Buffer,
  scheme: number,
  content: Uint8Array,
  signature: Buffer,
): void {
  let good = false;
  try {
    const key = new X509Certificate(leafDer).publicKey;
    good = verify(algorithm(scheme), content, keyInput(scheme, key), signature);
  } catch (error) {
    throw new TlsError(alertCode.decrypt_error, `signature not checkable: ${(error as Error).message}`);
  }
  if (!good) throw new TlsError(alertCode.decrypt_error, 'signature does not verify');
}

/** RFC 8446 4.4.3: what a CertificateVerify signs. */
export function signedContent13(side: 'client' | 'server', transcriptHash: Uint8Array): Buffer {
  return Buffer.concat([
    Buffer.alloc(64, 0x20),
    Buffer.from(`TLS 1.3, ${side} CertificateVerify\0`),
    transcriptHash,
  ]);
}

/** Subject common name, or the whole subject when it has none; null for bytes that are no certificate. */
export function subjectName(der: Buffer | undefined): string | null {
  if (der === undefined) return null;
  try {
    const subject = new X509Certificate(der).subject ?? '';
    return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject;
  } catch {
    return null;
  }
}

function algorithm(scheme: number): string | null {
  const found = schemes.find((one) => one.id === scheme);
  if (found === undefined) throw new Error(`signature scheme 0x${scheme.toString(16)}`);
  return found.hash;
}

function keyInput(scheme: number, key: KeyObject) {
  return schemes.find((one) => one.id === scheme)?.pss
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { key };
}
