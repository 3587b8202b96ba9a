/**
 * The fixture certificates by name, so that a case, the fault-server and the fault-client mean the same thing by
 * `client_expired`. Issued fresh, never committed: ECDSA P-256 where the name says nothing else, and only good for tests on
 * loopback.
 */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import {
  type Authority,
  authority,
  type LeafShape,
  leaf,
  revocations,
  type Subject,
  type Validity,
  withBadSignature,
} from './issuing.ts';
import type { Fixture, FixtureName } from './names.ts';

export { type Fixture, type FixtureName, fixtureNames } from './names.ts';

/** Issue the whole set. `now` decides what is expired. */
export async function issueFixtures(now: Date = new Date()): Promise<Record<FixtureName, Fixture>> {
  const valid = { notBefore: days(now, -1), notAfter: days(now, 825) };
  const expired = { notBefore: days(now, -30), notAfter: days(now, -1) };
  const notYet = { notBefore: days(now, 30), notAfter: days(now, 60) };
  const ca = await authority('CN=wiretracer test CA', valid);
  const badCa = await authority('CN=wiretracer untrusted CA', valid);
  const middle = await authority('CN=wiretracer intermediate CA', valid, ca);
  const expiredMiddle = await authority('CN=wiretracer expired intermediate CA', expired, ca);

  const issue = async (issuer: Authority | null, subject: Subject, validity: Validity, shape?: LeafShape) =>
    (await leaf(issuer, subject, validity, shape)).pem;
  const server = (
    name: string,
    issuer: Authority | null = ca,
    validity: Validity = valid,
    shape?: LeafShape,
  ) => issue(issuer, { name: `CN=${name}`, usage: serverAuth, names: localNames }, validity, shape);
  const client = (name: string, issuer: Authority | null = ca, validity: Validity = valid) =>
    issue(issuer, { name: `CN=${name}`, usage: clientAuth, names: [] }, validity);
  const behind = (fixture: Fixture, ...chain: Authority[]): Fixture => ({
    ...fixture,
    cert: fixture.cert + chain.map(({ pem }) => pem.cert).join(''),
  });

  const revokedServer = await leaf(
    ca,
    { name: 'CN=server_revoked', usage: serverAuth, names: localNames },
    valid,
  );
  const revokedClient = await leaf(ca, { name: 'CN=client_revoked', usage: clientAuth, names: [] }, valid);
  const reversed = await server('server_reversed_chain', middle);
  const crl = await revocations(ca, [revokedServer.cert, revokedClient.cert], valid);

  return {
    ca: { ...ca.pem, crl },
    bad_ca: badCa.pem,
    server: await server('localhost'),
    server_expired: await server('server_expired', ca, expired),
    server_not_yet_valid: await server('server_not_yet_valid', ca, notYet),
    server_wrong_host: await issue(
      ca,
      { name: 'CN=server_wrong_host', usage: serverAuth, names: [{ type: 'dns', value: 'elsewhere.test' }] },
      valid,
    ),
    server_wrong_eku: await issue(
      ca,
      { name: 'CN=server_wrong_eku', usage: clientAuth, names: localNames },
      valid,
    ),
    server_untrusted: await server('server_untrusted', badCa),
    server_self_signed: await server('server_self_signed', null),
    server_self_signed_chain: behind(await server('server_self_signed_chain', badCa), badCa),
    server_chain: behind(await server('server_chain', middle), middle),
    server_reversed_chain: behind(reversed, ca, middle),
    server_missing_intermediate: await server('server_missing_intermediate', middle),
    server_expired_intermediate: behind(
      await server('server_expired_intermediate', expiredMiddle),
      expiredMiddle,
    ),
    server_revoked: revokedServer.pem,
    server_bad_signature: withBadSignature(await server('server_bad_signature')),
    server_sha1: await server('server_sha1', ca, valid, { hash: 'SHA-1' }),
    server_rsa: await server('server_rsa', ca, valid, { keys: 'RSA-2048' }),
    server_rsa_1024: await server('server_rsa_1024', ca, valid, { keys: 'RSA-1024' }),
    server_p384: await server('server_p384', ca, valid, { keys: 'P-384' }),
    server_no_subject: await issue(ca, { name: '', usage: serverAuth, names: localNames }, valid),
    server_no_cn: await issue(ca, { name: 'O=server_no_cn', usage: serverAuth, names: localNames }, valid),
    server_1000_names: await issue(
      ca,
      { name: 'CN=server_1000_names', usage: serverAuth, names: [...manyNames, ...localNames] },
      valid,
    ),
    client: await client('client'),
    bad_client: await client('bad_client', badCa),
    client_expired: await client('client_expired', ca, expired),
    client_not_yet_valid: await client('client_not_yet_valid', ca, notYet),
    client_wrong_eku: await issue(ca, { name: 'CN=client_wrong_eku', usage: serverAuth, names: [] }, valid),
    client_self_signed: await client('client_self_signed', null),
    client_missing_intermediate: await client('client_missing_intermediate', middle),
    client_revoked: revokedClient.pem,
    client_bad_signature: withBadSignature(await client('client_bad_signature')),
  };
}

const serverAuth = x509.ExtendedKeyUsage.serverAuth;
const clientAuth = x509.ExtendedKeyUsage.clientAuth;
const localNames: x509.JsonGeneralName[] = [
  { type: 'dns', value: 'localhost' },
  { type: 'dns', value: '*.test' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
];
const manyNames: x509.JsonGeneralName[] = Array.from({ length: 1000 }, (_, index) => ({
  type: 'dns',
  value: `name-${index}.test`,
}));

function days(from: Date, count: number): Date {
  return new Date(from.getTime() + count * 86_400_000);
}
