/**
 * The fixture certificates by name, so that a case, the fault-server and the fault-client mean the same thing by
 * `client_expired`. Issued fresh, never committed: all are ECDSA P-256 and only good for tests on loopback.
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

export const fixtureNames = [
  'ca',
  'bad_ca',
  'server',
  'server_expired',
  'server_not_yet_valid',
  'server_wrong_host',
  'server_wrong_eku',
  'server_untrusted',
  'server_self_signed',
  'client',
  'bad_client',
  'client_expired',
  'client_not_yet_valid',
  'client_wrong_eku',
] as const;

export type FixtureName = (typeof fixtureNames)[number];
/** PEM text. */
export type Fixture = { cert: string; key: string };

/** Issue the whole set. `now` decides what is expired. */
export async function issueFixtures(now: Date = new Date()): Promise<Record<FixtureName, Fixture>> {
  const valid = { notBefore: days(now, -1), notAfter: days(now, 825) };
  const expired = { notBefore: days(now, -30), notAfter: days(now, -1) };
  const notYet = { notBefore: days(now, 30), notAfter: days(now, 60) };
  const ca = await authority('wiretracer test CA', valid);
  const badCa = await authority('wiretracer untrusted CA', valid);
  const server = { commonName: 'localhost', usage: serverAuth, names: localNames };
  const client = { commonName: 'client', usage: clientAuth, names: [] };
  const leaf = async (issuer: Authority | null, subject: Subject, validity: Validity): Promise<Fixture> =>
    (await issueLeaf(issuer, subject, validity)).pem;
  return {
    ca: ca.pem,
    bad_ca: badCa.pem,
    server: await leaf(ca, server, valid),
    server_expired: await leaf(ca, { ...server, commonName: 'server_expired' }, expired),
    server_not_yet_valid: await leaf(ca, { ...server, commonName: 'server_not_yet_valid' }, notYet),
    server_wrong_host: await leaf(
      ca,
      {
        commonName: 'server_wrong_host',
        usage: serverAuth,
        names: [{ type: 'dns', value: 'elsewhere.test' }],
      },
      valid,
    ),
    server_wrong_eku: await leaf(
      ca,
      { commonName: 'server_wrong_eku', usage: clientAuth, names: localNames },
      valid,
    ),
    server_untrusted: await leaf(badCa, { ...server, commonName: 'server_untrusted' }, valid),
    server_self_signed: await leaf(null, { ...server, commonName: 'server_self_signed' }, valid),
    client: await leaf(ca, client, valid),
    bad_client: await leaf(badCa, { ...client, commonName: 'bad_client' }, valid),
    client_expired: await leaf(ca, { ...client, commonName: 'client_expired' }, expired),
    client_not_yet_valid: await leaf(ca, { ...client, commonName: 'client_not_yet_valid' }, notYet),
    client_wrong_eku: await leaf(ca, { commonName: 'client_wrong_eku', usage: serverAuth, names: [] }, valid),
  };
}

type Validity = { notBefore: Date; notAfter: Date };
type Subject = { commonName: string; usage: string; names: x509.JsonGeneralName[] };
type Authority = { pem: Fixture; cert: x509.X509Certificate; keys: webcrypto.CryptoKeyPair };

const serverAuth = x509.ExtendedKeyUsage.serverAuth;
const clientAuth = x509.ExtendedKeyUsage.clientAuth;
const localNames: x509.JsonGeneralName[] = [
  { type: 'dns', value: 'localhost' },
  { type: 'dns', value: '*.test' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
];
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

async function authority(commonName: string, validity: Validity): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${commonName}`,
    ...validity,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert, keys, pem: await toPem(cert, keys) };
}

/** A null issuer makes a self-signed leaf. */
async function issueLeaf(issuer: Authority | null, subject: Subject, validity: Validity) {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${subject.commonName}`,
    issuer: issuer ? issuer.cert.subject : `CN=${subject.commonName}`,
    ...validity,
    publicKey: keys.publicKey,
    signingKey: issuer ? issuer.keys.privateKey : keys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([subject.usage]),
      ...(subject.names.length > 0 ? [new x509.SubjectAlternativeNameExtension(subject.names)] : []),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...(issuer ? [await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey)] : []),
    ],
  });
  return { cert, pem: await toPem(cert, keys) };
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

function days(from: Date, count: number): Date {
  return new Date(from.getTime() + count * 86_400_000);
}
