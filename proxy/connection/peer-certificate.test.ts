import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import { certificateFields, identityError } from './peer-certificate.ts';
import {
  connectClient,
  createCleanup,
  fixtures,
  hasOpenssl,
  openProxy,
  openTls,
  upstreamTls,
} from './testing.ts';

const cleanup = createCleanup();
afterEach(() => cleanup.run());

const names = ['localhost', 'elsewhere.test', '127.0.0.1', '::1', 'LOCALHOST.', 'x.localhost', ''];

test.each(['server', 'server_wrong_host', 'client'] as const)(
  '%s stands for the names Node says, asked for the first time and again',
  (fixture) => {
    for (const name of [...names, ...names]) {
      const certificate = new X509Certificate(fixtures[fixture].cert);
      const legacy = certificate.toLegacyObject() as unknown as PeerCertificate;
      expect(identityError(certificate, name)?.message).toBe(checkServerIdentity(name, legacy)?.message);
    }
  },
);

test('two certificates are never taken for each other', () => {
  const read = (): string[] =>
    (['server', 'server_expired', 'server_wrong_host'] as const).map(
      (name) => certificateFields(new X509Certificate(fixtures[name].cert)).fingerprint256,
    );
  expect(new Set(read()).size).toBe(3);
  expect(read()).toEqual(read());
});

test('a replaced certificate is judged on the next connection', async () => {
  const shown = ['server', 'server_wrong_host', 'server'] as const;
  const ports = [];
  for (const name of shown)
    ports.push(await openTls(cleanup, { ...fixtures[name] }, (tls) => tls.on('end', () => tls.end())));
  for (const [at, upstreamPort] of ports.entries()) {
    const { port, log } = await openProxy(cleanup, { upstreamPort, upstreamTls: upstreamTls() });
    const { tls } = await connectClient(cleanup, port);
    tls.end();
    tls.resume();
    await once(tls, 'close');
    await log.closed();
    const row = log.rows.find(({ kind, side }) => kind === 'tls' && side === 'out');
    const certificate = new X509Certificate(fixtures[shown[at]!].cert);
    expect(row).toMatchObject({
      cause: shown[at] === 'server' ? null : 'verify_hostname',
      peer_cert: { fingerprint256: certificate.fingerprint256, san: certificate.subjectAltName },
    });
  }
});

test.skipIf(!hasOpenssl)(
  'the fields of a certificate are those openssl prints (skipped without openssl)',
  () => {
    const text = execFileSync(
      'openssl',
      ['x509', '-noout', '-fingerprint', '-sha256', '-startdate', '-enddate', '-dateopt', 'iso_8601'],
      { input: fixtures.server.cert, encoding: 'utf8' },
    );
    const fields = certificateFields(new X509Certificate(fixtures.server.cert));
    const told = (name: string): string => new RegExp(`${name}=(.*)`, 'i').exec(text)![1]!.trim();
    expect(fields.fingerprint256).toBe(told('fingerprint'));
    expect(fields.not_before).toBe(new Date(told('notBefore').replace(' ', 'T')).toISOString());
    expect(fields.not_after).toBe(new Date(told('notAfter').replace(' ', 'T')).toISOString());
  },
);
