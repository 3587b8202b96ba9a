import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOnlyConnection } from '../endpoints/fuzz.fixture.ts';
import { readH1Requests } from './h1-peer.ts';

const body = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));
const request = fc.record({ path: fc.stringMatching(/^\/[a-z]{0,5}$/), body, chunked: fc.boolean() });

test('requests and their bodies are told the same however they are cut', () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 4 }), fc.integer({ min: 1, max: 40 }), (sent, size) => {
      const wire = Buffer.concat(
        sent.map((one) => Buffer.concat([head(one), one.chunked ? inChunks(one.body) : one.body])),
      );
      const { connection, told, push, close } = bytesOnlyConnection();
      const paths: string[] = [];
      readH1Requests(connection, ({ path }) => paths.push(path));
      for (let at = 0; at < wire.length; at += size) push(wire.subarray(at, at + size));
      close();
      expect(paths).toEqual(sent.map(({ path }) => path));
      const seen = told.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
      expect(seen.map((one) => [one.path, one.body_bytes, one.complete])).toEqual(
        sent.map((one) => [one.path, one.body.length, true]),
      );
    }),
  );
});

test.each(['-5', '1e1', '0x5', '5 5'])('Content-Length: %s is no length', (length) => {
  const { connection, push } = bytesOnlyConnection();
  let requests = 0;
  readH1Requests(connection, () => requests++);
  push(Buffer.from(`POST / HTTP/1.1\r\nContent-Length: ${length}\r\n\r\nGET / HTTP/1.1\r\n\r\n`));
  expect(requests).toBe(2);
});

function head({ path, body: { length }, chunked }: { path: string; body: Buffer; chunked: boolean }): Buffer {
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
  return Buffer.from(`POST ${path} HTTP/1.1\r\nHost: h\r\n${framing}\r\n\r\n`);
}

function inChunks(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 17) {
    const piece = bytes.subarray(at, at + 17);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}
