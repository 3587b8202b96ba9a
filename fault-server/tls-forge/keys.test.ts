import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { expect, onTestFinished, test } from 'vitest';
import { nodeClientEvents, startForge } from './testing.ts';

const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const p384 = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };

async function selfSigned(algorithm: typeof rsa | typeof p384): Promise<{ cert: string; key: string }> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: '01',
      name: 'CN=forge',
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + 86_400_000),
      signingAlgorithm: algorithm,
      keys,
    },
    webcrypto as Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[1],
  );
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  return { cert: certificate.toString('pem'), key };
}

test.each([
  ['RSA', rsa, 'TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
  ['RSA', rsa, 'TLSv1.2', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  ['P-384', p384, 'TLSv1.3', 'TLS_AES_128_GCM_SHA256'],
  ['P-384', p384, 'TLSv1.2', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
] as const)('a %s certificate (%#) proves its key to Node', async (_, algorithm, version, cipherSuite) => {
  const identity = await selfSigned(algorithm);
  const server = await startForge({ ...identity, version, close: { how: 'fin', at: 'after_handshake' } });
  onTestFinished(server.close);
  const seen = await nodeClientEvents({ port: server.port });
  expect(seen).toMatchObject({ events: ['secure', 'end', 'close'], protocol: version });
  expect(await server.report).toMatchObject({ cipherSuite, error: null });
});
