import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { expect, test } from 'vitest';
import { type FixtureName, fixtureNames, issueFixtures } from './fixtures.ts';

const fixtures = await issueFixtures();

test('every name is issued, with a key that fits its certificate', () => {
  expect(Object.keys(fixtures).sort()).toEqual([...fixtureNames].sort());
  for (const name of fixtureNames) {
    const { cert, key } = fixtures[name];
    // Below OpenSSL's usual security level, for the weak key that is one of them.
    expect(() => tls.createSecureContext({ cert, key, ciphers: 'DEFAULT@SECLEVEL=0' }), name).not.toThrow();
  }
});

test('leaves chain to the CA their name promises', () => {
  const ca = new X509Certificate(fixtures.ca.cert);
  const badCa = new X509Certificate(fixtures.bad_ca.cert);
  const untrusted = new Set<FixtureName>([
    'bad_ca',
    'bad_client',
    'server_untrusted',
    'server_self_signed_chain',
  ]);
  for (const name of fixtureNames) {
    const isBehindMore = /self_signed$|chain$|intermediate$/.test(name) && !untrusted.has(name);
    if (isBehindMore) continue;
    const issuer = untrusted.has(name) ? badCa : ca;
    const verifies = new X509Certificate(fixtures[name].cert).verify(issuer.publicKey);
    expect(verifies, name).toBe(!name.endsWith('bad_signature'));
  }
});

/** What Node's own verifier, as the client of a server, says of each certificate. */
test.each([
  ['server', null],
  ['server_expired', 'CERT_HAS_EXPIRED'],
  ['server_not_yet_valid', 'CERT_NOT_YET_VALID'],
  ['server_wrong_host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ['server_wrong_eku', 'INVALID_PURPOSE'],
  ['server_untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['server_self_signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['server_self_signed_chain', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ['server_chain', null],
  ['server_reversed_chain', null],
  ['server_missing_intermediate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['server_expired_intermediate', 'CERT_HAS_EXPIRED'],
  ['server_bad_signature', 'CERT_SIGNATURE_FAILURE'],
  ['server_revoked', null],
  ['server_rsa', null],
  ['server_p384', null],
  ['server_no_subject', null],
  ['server_no_cn', null],
  ['server_1000_names', null],
] as const)('a client judges %s as %s', async (name, code) => {
  const server = tls.createServer(fixtures[name], (socket) => socket.end()).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => {});
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ca: fixtures.ca.cert });
  const seen = await new Promise<string | null>((resolve) => {
    socket.once('secureConnect', () => resolve(null));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  socket.destroy();
  server.close();
  expect(seen).toBe(code);
});

test('the weak ones are what they are called', () => {
  const rsa = new X509Certificate(fixtures.server_rsa_1024.cert);
  expect(rsa.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 1024 });
  // ecdsa-with-SHA1 is 1.2.840.10045.4.1 (RFC 3279 2.2.3).
  const der = new X509Certificate(fixtures.server_sha1.cert).raw;
  expect(der.includes(Buffer.from('06072a8648ce3d0401', 'hex'))).toBe(true);
});

test.each([
  ['server_revoked', 'CERT_REVOKED'],
  ['server', null],
  ['server_chain', 'UNABLE_TO_GET_CRL'],
] as const)('with the CRL of ca a client judges %s as %s', async (name, code) => {
  const server = tls.createServer(fixtures[name], (socket) => socket.end()).listen(0, '127.0.0.1');
  server.on('tlsClientError', () => {});
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { cert: ca, crl } = fixtures.ca;
  const socket = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ca, crl: crl! });
  const seen = await new Promise<string | null>((resolve) => {
    socket.once('secureConnect', () => resolve(null));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  socket.destroy();
  server.close();
  expect(seen).toBe(code);
});

/** What Node's own verifier, as the server of a client, says of each certificate. */
test.each([
  ['client', null],
  ['bad_client', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['client_expired', 'CERT_HAS_EXPIRED'],
  ['client_not_yet_valid', 'CERT_NOT_YET_VALID'],
  ['client_wrong_eku', 'INVALID_PURPOSE'],
  ['client_self_signed', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['client_missing_intermediate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['client_bad_signature', 'CERT_SIGNATURE_FAILURE'],
  ['client_revoked', null],
] as const)('a server judges %s as %s', async (name, code) => {
  const server = tls.createServer({
    ...fixtures.server,
    ca: fixtures.ca.cert,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const accepted = once(server, 'secureConnection') as Promise<[tls.TLSSocket]>;
  const socket = tls.connect({ host: '127.0.0.1', port, ca: fixtures.ca.cert, ...fixtures[name] });
  const [peer] = await accepted;
  const seen = (peer.authorizationError as unknown as string | null) ?? null;
  socket.destroy();
  peer.destroy();
  server.close();
  expect(seen).toBe(code);
});
