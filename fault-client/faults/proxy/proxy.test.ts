import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Fixtures, openFixtures, runSpec } from '../../testing/run-spec.ts';
import { faults } from '../registry.ts';

let fixtures: Fixtures;
beforeAll(async () => {
  fixtures = await openFixtures();
});
afterAll(() => fixtures.remove());

/** What reaches a server that only listens, in hex, and how the client ended it. It ends after its own `limit` of bytes. */
async function wire(id: string, params: Record<string, unknown> = {}, limit = 16): Promise<string> {
  const server = net.createServer();
  onTestFinished(() => void server.close());
  const heard = new Promise<string>((resolve) => {
    server.on('connection', (socket) => {
      let bytes = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        if (bytes.length >= limit) socket.end();
      });
      socket.on('end', () => socket.end());
      socket.on('error', () => {});
      socket.on('close', () => resolve(bytes.toString('hex')));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await runSpec(fixtures, { target: `127.0.0.1:${port}`, proto: 'raw', fault: { id, params } });
  return heard;
}

const signature = '0d0a0d0a000d0a515549540a';
const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');

describe('PROXY headers on the wire', () => {
  // By hand from the document's figures, not by the code that builds them.
  test.each([
    ['pp1-mapped-in-tcp4', {}, hex('PROXY TCP4 ::ffff:203.0.113.10 ::ffff:192.0.2.10 54321 443\r\n')],
    ['pp1-v4-in-tcp6', {}, hex('PROXY TCP6 203.0.113.10 192.0.2.10 54321 443\r\n')],
    ['pp1-port-underscore', {}, hex('PROXY TCP4 203.0.113.10 192.0.2.10 8_0 443\r\n')],
    ['pp2-short-len', { length: 0 }, `${signature}21110000`],
    ['pp2-short-len', { length: 3 }, `${signature}21110003cb0071`],
    ['pp2-bad-fam-local', {}, `${signature}2041000ccb00710ac000020ad43101bb`],
    ['pp2-bad-proto-local', {}, `${signature}2013000ccb00710ac000020ad43101bb`],
    ['pp2-tlv-one-byte', {}, `${signature}2111000dcb00710ac000020ad43101bb04`],
    ['pp2-tlv-azure', {}, `${signature}21110014cb00710ac000020ad43101bbee000501c1450021`],
    ['pp2-tlv-gcp', {}, `${signature}21110017cb00710ac000020ad43101bbe0000800000000000004d2`],
    ['pp2-tlv-netns', {}, `${signature}21110013cb00710ac000020ad43101bb300004626c7565`],
    [
      'pp1-then-pp2',
      {},
      `${hex('PROXY TCP4 203.0.113.10 192.0.2.10 54321 443\r\n')}${signature}2111000cc6336442c000024200060042`,
    ],
  ])('%s %o', async (id, params, expected) => {
    const bytes = await wire(id, params, expected.length / 2 + 1);
    expect(bytes.slice(0, expected.length)).toBe(expected);
    // TLS goes on behind it.
    expect(bytes.slice(expected.length, expected.length + 4)).toBe('1603');
  });

  test('pp-coalesced has the ClientHello in the bytes of one read', async () => {
    const bytes = await wire('pp-coalesced', { version: 'v2' }, 1);
    expect(bytes).toMatch(new RegExp(`^${signature}2111000ccb00710ac000020ad43101bb1603`));
  });

  test.each([
    ['http', hex('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['garbage', 'cafebabe00ff10203040506070809fafbfcfdfef'],
    ['fin', ''],
  ])('pp-header-then %s', async (next, expected) => {
    const header = `${signature}2111000ccb00710ac000020ad43101bb`;
    const bytes = await wire('pp-header-then', { next }, 28 + Math.max(1, expected.length / 2));
    expect(bytes).toBe(`${header}${expected}`);
  });

  test('every header of the catalogue has an id of its own', () => {
    const ids = faults.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test('every parameter of every fault has a default and a description', () => {
  for (const { id, params } of faults) {
    for (const [name, schema] of Object.entries(params.properties)) {
      expect(schema, `${id} ${name}`).toMatchObject({ description: expect.any(String) });
      expect('default' in schema, `${id} ${name}`).toBe(true);
    }
  }
});
