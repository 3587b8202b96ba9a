import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const CRL = /-----BEGIN X509 CRL-----[\s\S]+?-----END X509 CRL-----/g;
const READ_WORDS: Record<string, string> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read by this user',
  EISDIR: 'is a directory',
};

/** Every function here returns what is wrong as text that follows the key's name, or the value. */

export function readFile(path: string): Buffer | string {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const relative = path.startsWith('/') ? '' : ` (relative paths start at ${process.cwd()})`;
    return `"${path}" ${READ_WORDS[code ?? ''] ?? message}${relative}`;
  }
}

/** The certificates of a PEM file in their order. */
export function parseCertificates(path: string, pem: Buffer): X509Certificate[] | string {
  const blocks = pem.toString('latin1').match(CERTIFICATE);
  if (blocks === null) {
    const isKey = pem.includes('PRIVATE KEY-----');
    return isKey
      ? `"${path}" holds a private key; a certificate is wanted`
      : `"${path}" holds no PEM certificate; from DER: openssl x509 -inform der -in ${path} -out cert.pem`;
  }
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (error) {
    return `"${path}" holds a certificate that cannot be parsed: ${reason(error)}`;
  }
}

/** The revocation lists of a PEM file; OpenSSL is the judge. */
export function parseRevocations(path: string, pem: Buffer): string[] | string {
  const blocks = pem.toString('latin1').match(CRL);
  if (blocks === null)
    return `"${path}" holds no PEM revocation list; from DER: openssl crl -inform der -in ${path} -out crl.pem`;
  try {
    createSecureContext({ crl: pem });
    return blocks;
  } catch (error) {
    return `"${path}" holds a revocation list that cannot be parsed: ${reason(error)}`;
  }
}

export function parseKey(path: string, pem: Buffer, passphrase: string | null): KeyObject | string {
  try {
    return createPrivateKey(passphrase === null ? pem : { key: pem, passphrase });
  } catch (error) {
    if (pem.includes('ENCRYPTED')) {
      return passphrase === null
        ? `"${path}" is encrypted; decrypt it: openssl pkey -in ${path} -out key.pem`
        : `"${path}" does not open with this password`;
    }
    return pem.includes('-----BEGIN CERTIFICATE')
      ? `"${path}" holds a certificate; a private key is wanted`
      : `"${path}" holds no PEM private key that can be parsed: ${reason(error)}`;
  }
}

/** What OpenSSL still refuses of a pair whose halves are fine, such as a key too weak for its security level. */
export function refusedByOpenssl(cert: Buffer, key: KeyObject): string | null {
  try {
    createSecureContext({ cert, key: key.export({ type: 'pkcs8', format: 'pem' }) });
    return null;
  } catch (error) {
    return reason(error);
  }
}

const reason = (error: unknown): string => (error as Error).message.replace(/\s+/g, ' ');
