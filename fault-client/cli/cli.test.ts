import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type HttpPeer, openHttpPeer } from '../testing/http-peer.ts';
import { type Fixtures, openFixtures, runSpec } from '../testing/run-spec.ts';

const bin = fileURLToPath(new URL('../bin.mjs', import.meta.url));
let fixtures: Fixtures;
let peer: HttpPeer;
let folder: string;

beforeAll(async () => {
  fixtures = await openFixtures();
  folder = mkdtempSync(join(tmpdir(), 'fault-client-cli-'));
});
afterAll(() => {
  fixtures.remove();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  peer = await openHttpPeer(fixtures, (_request, response) => response.end('hello'));
  return () => peer.close();
});

function cli(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const command = [bin, '--certs', join(folder, 'certs'), ...args];
    execFile(process.execPath, command, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test('one line says what is about to happen, one what the peer did', async () => {
  const { code, stdout } = await cli('--fault', 'tls-record-too-long', peer.target);
  expect(stdout.split('\n')).toEqual([
    `tls-record-too-long to ${peer.target}: Announces a handshake record of 65535 bytes. [RFC 8446 5.1]`,
    expect.stringMatching(/^done; the peer sent alert 22 record_overflow, sent FIN; [\d.]+ ms$/),
    '',
  ]);
  expect(code).toBe(0);
});

test('what a raw answer says is told: the HTTP status', async () => {
  const { stdout } = await cli('--fault', 'h1-cl-te', peer.target, '--json');
  const { fault, peer_did, chosen, received_bytes } = JSON.parse(stdout);
  expect(fault).toMatchObject({ id: 'h1-cl-te', layer: 'h1', spec: 'RFC 9112 6.3', only: {} });
  expect([chosen, peer_did[0]]).toEqual([true, 'answered 400']);
  expect(received_bytes).toBeGreaterThan(100);
});

test('limits choose among the connections of a run', async () => {
  const { stdout } = await cli('--fault', 'h1-cl-te,nth=2', '--connections', '3', peer.target);
  const [before, ...after] = stdout.trim().split('\n');
  expect(before).toContain(', only nth=2 of 3 connections, to ');
  expect(after.map((line) => line.replace(/; TLS.*the peer (answered \d+).*/, ', $1'))).toEqual([
    '#1 done; not chosen, one good request, answered 200',
    '#2 done, answered 400',
    '#3 done; not chosen, one good request, answered 200',
  ]);
});

test('the same by the control protocol: one run, each connection its own', async () => {
  const result = await runSpec(fixtures, {
    target: peer.target,
    proto: 'raw',
    fault: { id: 'h1-cl-te', only: { first: 1 } },
    connections: 3,
  });
  expect(result.sockets).toHaveLength(3);
  expect(result.exchanges.map(({ status }) => status)).toEqual([400, 200, 200]);
});

test.each([
  [['--fault', 'pp2-crc-badd', 'localhost:1'], 'unknown fault "pp2-crc-badd": did you mean "pp2-crc-bad"?'],
  [['--describe', 'tls-garbge'], 'did you mean "tls-garbage"?'],
  [['--list', '--layer', 'http2'], 'unknown layer "http2": write one of proxy, tcp, tls, h1, h2, grpc'],
  [['--proto', 'h1', '--bind', 'here', 'a:1'], 'bind here is no IP address; write one of this machine'],
  [['--proto', 'h1', '--tls-min', 'TLSv9', 'a:1'], 'TLS minVersion "TLSv9" is none of: TLSv1, TLSv1.1,'],
  [['--fault', 'h1-pipeline,m=3', 'localhost:1'], 'unknown parameter "m", did you mean "n"?'],
  [['--fault', 'h1-cl-te,tid=x', 'localhost:1'], 'tid is a limit of the fault-server'],
  [['--fault', 'h1-cl-te'], 'where to? Write host:port, such as localhost:8443'],
  [['localhost:1'], 'what to do? Write --proto h1'],
  [['--proto', 'h1', 'localhost'], '"localhost" is not host:port, such as localhost:8443'],
  [['--proto', 'h1', '--target', 'a:1', 'b:1'], 'both b:1 and --target a:1 are given'],
  [
    ['--proto', 'h1', '--ca', '/no/such.pem', 'a:1'],
    '--ca /no/such.pem: there is no such file; write the path',
  ],
  [['--proto', 'h1', '--connections', '2', 'a:1'], 'connections goes with a fault'],
])('%j is refused: %s', async (args, text) => {
  const { code, stderr } = await cli(...args);
  expect(stderr).toContain(text);
  expect(code).toBe(2);
});

test('a target nobody listens on is told in words', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const { code, stdout } = await cli('--fault', 'tls-garbage', `127.0.0.1:${port}`);
  expect(stdout).toContain(`nobody listens on 127.0.0.1:${port} (ECONNREFUSED)`);
  expect(code).toBe(1);
});

test('a peer that does not end is told of, and given up on', async () => {
  const server = net.createServer((socket) => socket.resume().on('error', () => {})).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const { stdout } = await cli('--fault', 'tls-stall', `127.0.0.1:${port}`, '--timeout-ms', '50');
  expect(stdout).toContain(
    'gave up; the peer sent no byte, did not end the connection; this client gave up in phase tls',
  );
});
