import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server } from 'node:net';
import { type ConnectionOptions, connect, createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { issueFixtures } from '../certificates/fixtures.ts';
import { alertName, alertNames } from './alerts.ts';
import { receivedAlert, sentAlert } from './openssl-errors.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen<S extends Server>(server: S): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('an alert that is received', () => {
  // This OpenSSL does not know ech_required; close_notify is no failure of its own.
  const numbers = Object.keys(alertNames)
    .map(Number)
    .filter((number) => number !== 0 && number !== 121);

  it.each(numbers)('%i is told from the code Node gives for it', async (number) => {
    const port = await listen(
      createServer((socket) =>
        socket.once('data', () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, number]))),
      ),
    );
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    const [error] = (await once(socket, 'error').catch((thrown) => [thrown])) as [NodeJS.ErrnoException];
    expect([number, error.code, receivedAlert(error.code)]).toEqual([number, error.code, number]);
    expect(sentAlert(error.code)).toBeNull();
  });

  it.each([
    ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 42],
    ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 42],
    ['ERR_SSL_ALERT_BAD_CERTIFICATE', 42],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 48],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 116],
    ['ERR_SSL_TLSV1_UNRECOGNIZED_NAME', 112],
    ['ERR_SSL_TLSV1_ALERT_USER_CANCELLED', 90],
    ['ERR_SSL_NO_APPLICATION_PROTOCOL', null],
    ['ERR_SSL_UNEXPECTED_MESSAGE', null],
    ['ERR_SSL_WRONG_VERSION_NUMBER', null],
    ['ECONNRESET', null],
    [undefined, null],
  ])('%s is %s', (code, number) => {
    expect(receivedAlert(code)).toBe(number);
  });
});

describe('an alert that is sent', () => {
  const bytes = (hex: string) => Buffer.from(hex, 'hex');
  const psk: TlsOptions = {
    pskCallback: () => null,
    ciphers: 'PSK-AES128-GCM-SHA256',
    maxVersion: 'TLSv1.2',
  };

  /** The alert on the wire and the error of the server, for one raw first flight. */
  async function provoke(
    first: Buffer,
    options: TlsOptions,
  ): Promise<{ code: string | undefined; alert: number | null }> {
    const server = createTlsServer(options);
    const port = await listen(server);
    const failed = once(server, 'tlsClientError') as Promise<[NodeJS.ErrnoException]>;
    const socket = createConnection({ host: '127.0.0.1', port });
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    socket.write(first);
    const [[error]] = await Promise.all([failed, once(socket, 'end')]);
    socket.destroy();
    const answer = Buffer.concat(received);
    return { code: error.code, alert: answer[0] === 21 && answer.length === 7 ? answer[6]! : null };
  }

  it.each<[string, string, TlsOptions]>([
    ['a message out of order', '160301000404000000', psk],
    ['application data first', '170303000100', psk],
    ['a record that is too long', '160301ffff', psk],
    ['a hello that is too short', '160301000401000000', psk],
  ])('%s: the number in the table is the one on the wire', async (_name, first, options) => {
    const { code, alert } = await provoke(bytes(first), options);
    expect([code, sentAlert(code)]).toEqual([code, alert]);
  });

  it.each<[string, TlsOptions, ConnectionOptions]>([
    ['no shared ALPN', { ALPNProtocols: ['h2'] }, { ALPNProtocols: ['http/1.1'] }],
    ['no shared version', { minVersion: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }],
    [
      'no shared cipher',
      { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' },
      { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384', maxVersion: 'TLSv1.2' },
    ],
    [
      'no shared group',
      { ecdhCurve: 'P-256', minVersion: 'TLSv1.3' },
      { ecdhCurve: 'P-384', minVersion: 'TLSv1.3' },
    ],
  ])('%s: the peer is told that number', async (_name, serverOptions, clientOptions) => {
    const server = createTlsServer({ ...serverOptions, ...(await issueFixtures()).server });
    const port = await listen(server);
    const failed = once(server, 'tlsClientError') as Promise<[NodeJS.ErrnoException]>;
    const socket = connect({ ...clientOptions, host: '127.0.0.1', port, rejectUnauthorized: false });
    const errors = new Promise<NodeJS.ErrnoException>((resolve) => socket.on('error', resolve));
    const [[ours], theirs] = await Promise.all([failed, errors]);
    expect([ours.code, sentAlert(ours.code)]).toEqual([ours.code, receivedAlert(theirs.code)]);
    expect(receivedAlert(theirs.code)).not.toBeNull();
  });

  it('names numbers nobody registered', () => {
    expect(alertName(48)).toBe('unknown_ca');
    expect(alertName(200)).toBe('alert_200');
  });

  it('is null for failures that send none, or whose alert depends on the version', () => {
    // PEER_DID_NOT_RETURN_A_CERTIFICATE is 40 in TLS 1.2 and 116 in TLS 1.3.
    const missing = 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE';
    for (const code of [
      missing,
      'ERR_SSL_HTTP_REQUEST',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'ECONNRESET',
      undefined,
    ]) {
      expect(sentAlert(code)).toBeNull();
    }
  });
});
