import { parseCertificates, parseKey, parseRevocations, readFile, refusedByOpenssl } from './pem.ts';
import { complain, type Section } from './section.ts';
import { readText } from './values.ts';

/** Reads a certificate chain and its key and checks that they belong together; null with a problem added when not. */
export function readIdentity(
  section: Section,
  certKey: string,
  keyKey: string,
  password: string | null,
): { cert: Buffer; key: Buffer } | null {
  const cert = readPem(section, certKey, (path, pem) => parseCertificates(path, pem));
  const key = readPem(section, keyKey, (path, pem) => parseKey(path, pem, password));
  if (cert === null || key === null) return null;
  if (!cert.parsed[0]!.checkPrivateKey(key.parsed)) {
    complain(section, keyKey, `"${key.path}" is not the key of the certificate in "${cert.path}"`);
    return null;
  }
  const refused = refusedByOpenssl(cert.pem, key.parsed);
  if (refused !== null) {
    complain(section, certKey, `"${cert.path}" is refused by OpenSSL: ${refused}`);
    return null;
  }
  return { cert: cert.pem, key: key.pem };
}

/** Reads a bundle of CA certificates; null when the key is left out or a problem was added. */
export function readAuthorities(section: Section, key: string): Buffer | null {
  return readPem(section, key, (path, pem) => parseCertificates(path, pem))?.pem ?? null;
}

/** Reads a bundle of certificate revocation lists; null when the key is left out or a problem was added. */
export function readRevocations(section: Section, key: string): Buffer | null {
  return readPem(section, key, parseRevocations)?.pem ?? null;
}

function readPem<Parsed extends object>(
  section: Section,
  key: string,
  parse: (path: string, pem: Buffer) => Parsed | string,
): { path: string; pem: Buffer; parsed: Parsed } | null {
  const path = readText(section, key);
  if (path === null) return null;
  const pem = readFile(path);
  if (typeof pem === 'string') {
    complain(section, key, pem);
    return null;
  }
  const parsed = parse(path, pem);
  if (typeof parsed === 'string') {
    complain(section, key, parsed);
    return null;
  }
  return { path, pem, parsed };
}
