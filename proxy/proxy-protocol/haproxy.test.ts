import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProxyHeaderDecoder } from './decoder.ts';
import { invalid, text, valid } from './samples.fixture.ts';

/** Where HAProxy 2.6, the reference implementation, is stricter than its own specification. */
const haproxyRefuses = /^pp1-unknown-(long|addresses)|^pp2-(udp|unix|unspec|inet-unspec)/;
/** Where it is laxer: numbers it reads without checking, TLVs it does not look into, the family of LOCAL. */
const haproxyAccepts =
  /^pp1-(port-(zero-lead|empty|65536)|octet-(lead0|256)|three-octets)|^pp2-bad-(fam|proto)-local|^pp2-ssl-/;

const hasHaproxy = ((): boolean => {
  try {
    execFileSync('haproxy', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasHaproxy)(`HAProxy as judge${hasHaproxy ? '' : ' (skipped: no haproxy on PATH)'}`, () => {
  let folder = '';
  let socketPath = '';
  let pid = 0;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'haproxy-'));
    socketPath = join(folder, 'http.sock');
    const config = join(folder, 'haproxy.cfg');
    writeFileSync(
      config,
      [
        'global',
        '  maxconn 100',
        'defaults',
        '  mode http',
        '  timeout client 5s',
        '  timeout server 5s',
        '  timeout connect 5s',
        'frontend f',
        `  bind unix@${socketPath} accept-proxy`,
        '  http-request return status 200 hdr x-src %[src] hdr x-port %[src_port]',
        '',
      ].join('\n'),
    );
    // As a daemon the parent exits when the sockets are bound: nothing to wait for.
    execFileSync('haproxy', ['-q', '-D', '-p', join(folder, 'pid'), '-f', config]);
    pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  });
  afterAll(() => {
    if (pid > 0) process.kill(pid);
    rmSync(folder, { recursive: true });
  });

  function ask(header: Buffer): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(socketPath);
      let answer = '';
      socket.on('data', (chunk) => {
        answer += chunk;
      });
      // HAProxy refuses a header by closing, with bytes unread: a reset.
      socket.on('error', () => {});
      socket.on('close', () => resolve(answer));
      socket.write(Buffer.concat([header, text('GET / HTTP/1.0\r\n\r\n')]));
    });
  }

  it.each(valid.filter(([id]) => !haproxyRefuses.test(id)))(
    'accepts %s with the same source',
    async (_id, bytes) => {
      const answer = await ask(bytes);
      expect(answer).toMatch(/^HTTP\/1\.[01] 200 /);
      const result = createProxyHeaderDecoder('required').push(bytes);
      if (result.state !== 'header') throw new Error(JSON.stringify(result));
      if (result.header.src === null) return;
      expect(/^x-src: (.*)\r$/m.exec(answer)?.[1]).toBe(result.header.src.ip);
      // It prints a port of zero as nothing.
      expect(Number(/^x-port: (.*)\r$/m.exec(answer)?.[1] ?? '')).toBe(result.header.src.port);
    },
  );

  it.each(invalid.filter(([id]) => !haproxyAccepts.test(id)))('rejects %s', async (_id, bytes) => {
    expect(await ask(bytes)).not.toMatch(/^HTTP\/1\.[01] 200 /);
  });
});
