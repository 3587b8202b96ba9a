import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect as h2Connect } from 'node:http2';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const bin = fileURLToPath(new URL('../bin.mjs', import.meta.url));
const certs = fileURLToPath(new URL('../../reports/cli-certificates', import.meta.url));

/** The program, its lines of output as they come. */
function start(...args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [bin, '--certs', certs, ...args]);
  onTestFinished(() => void child.kill());
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return { child, next: async () => String((await lines.next()).value) };
}

function refused(...args: string[]): Promise<{ code: unknown; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [bin, '--certs', certs, ...args], (error, _stdout, stderr) =>
      resolve({ code: error?.code, stderr }),
    );
  });
}

test('one line says what is about to happen, one what happened', async () => {
  const { next } = start('--fault', 'h2-srv-rst,code=7,nth=1', '--port', '0');
  const ready = await next();
  expect(ready).toMatch(
    /^ready h2-srv-rst code=7 when=before_headers, only nth=1, on 127\.0\.0\.1:\d+ \(tls or plaintext\): Resets .* \[RFC 9113 6\.4\]$/,
  );
  const port = Number(/:(\d+) /.exec(ready)?.[1]);
  for (const expected of [
    / h2 GET \/a; RST_STREAM 7 before_headers on stream 1; the peer sent GOAWAY 0 NO_ERROR, sent FIN; \d+ bytes in, \d+ out, \d+ ms$/,
    / h2 GET \/a; not chosen, served well: answered 404; the peer sent GOAWAY 0 NO_ERROR, sent FIN; /,
  ]) {
    const session = h2Connect(`http://127.0.0.1:${port}`);
    const stream = session.request({ ':path': '/a' });
    stream.on('error', () => {});
    stream.on('close', () => session.close());
    stream.resume();
    expect(await next()).toMatch(expected);
  }
});

test('the alert of a peer that refuses is told by its name, also to machines', async () => {
  const { next } = start('--fault', 'tls-stall', '--port', '0', '--json');
  const { port, fault } = JSON.parse(await next());
  expect(fault).toMatchObject({ id: 'tls-stall', layer: 'tls', params: { stage: 'silent' }, only: {} });
  // A ClientHello of nothing, and a fatal unknown_ca (RFC 8446 6.2).
  connect({ port, host: '127.0.0.1' }).end(Buffer.from('16030100040100000015030300020230', 'hex'));
  const outcome = async (): Promise<object> => {
    const line = JSON.parse(await next());
    return line.type === 'outcome' ? line : outcome();
  };
  expect(await outcome()).toMatchObject({
    chosen: true,
    did: ['silent'],
    peer: [{ said: 'alert', code: 48, name: 'unknown_ca' }],
    peer_end: 'fin',
    ended_by: 'peer',
    bytes_in: 16,
    bytes_out: 0,
  });
});

test('--verbose tells each thing as it happens', async () => {
  const { next } = start('--fault', 'h1-rst', '--port', '0', '--verbose');
  const port = Number(/:(\d+) /.exec(await next())?.[1]);
  request({ port, host: '127.0.0.1' })
    .on('error', () => {})
    .end();
  const lines = [await next(), await next(), await next(), await next(), await next()];
  expect(lines.map((line) => line.replace(/^\S+ #1 (\w+).*/, '$1'))).toEqual([
    'open',
    'PROXY',
    'h1',
    'fault',
    'closed',
  ]);
});

test.each([
  [['--fault', 'h2-srv-rts'], 'unknown fault "h2-srv-rts": did you mean "h2-srv-rst"? fault-server --list'],
  [['--describe', 'tls-alret'], 'did you mean "tls-alert"?'],
  [['--list', '--layer', 'htpp'], 'unknown layer "htpp": write one of tcp, tls, h1, h2, grpc'],
  [['--fault', 'h2-srv-rst,cod=7'], 'unknown parameter "cod", did you mean "code"?'],
  [['--fault', 'h2-srv-rst,nht=7'], 'unknown parameter "nht", did you mean "nth"?'],
  [['--fault', 'tls-close,how=bang'], 'how must be equal to one of the allowed values: fin, rst'],
  [['--fault', 'h1-rst,code'], '"code" is no name=value; write h1-rst,name=value'],
  [['--host', '203.0.113.1', '--plain', '0'], 'this machine has no address 203.0.113.1; write 127.0.0.1'],
  [['--port', '0'], '--port goes with a --fault'],
])('%j is refused: %s', async (args, text) => {
  const { code, stderr } = await refused(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(text);
});

test('a port in use is told with what to write instead', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const { code, stderr } = await refused('--plain', String(port));
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `fault-server: port ${port} of 127.0.0.1 is in use; write another port, or 0 for a free one\n`,
  });
});

test('everything about a fault: its parameters, its limits, an example', async () => {
  const described = await new Promise<string>((resolve) => {
    execFile(process.execPath, [bin, '--describe', 'h2-srv-rst'], (_error, stdout) => resolve(stdout));
  });
  for (const text of [
    'RFC 9113 6.4',
    'code=2',
    'after_frames=',
    'fault-server --fault h2-srv-rst,code=2 --port 8443',
  ])
    expect(described).toContain(text);
});
