import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Exchange } from '../run/exchange.ts';
import { ResponseReader } from './response-reader.ts';

const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 4 });

test('what node:http answers is counted, however it is cut', async () => {
  const server = createServer((request, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' });
    if (request.url === '/length') response.end('hello');
    else {
      response.setHeader('Trailer', 'x-t');
      response.write('hel');
      response.addTrailers({ 'x-t': '1' });
      response.end('lo');
    }
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.end(
    'GET /length HTTP/1.1\r\nHost: h\r\n\r\nGET /chunks HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
  );
  const bytes = Buffer.from(await text(socket.setEncoding('latin1')), 'latin1');
  server.close();
  fc.assert(
    fc.property(fc.integer({ min: 1, max: bytes.length }), (size) => {
      const reader = readIn(bytes, size);
      expect(
        reader.answers.map(({ status, bodyBytes, complete, error }) => [status, bodyBytes, complete, error]),
      ).toEqual([
        [200, 5, true, null],
        [200, 5, true, null],
      ]);
      expect(reader.answers.map(({ informational }) => informational)).toEqual([[103], [103]]);
      expect(reader.answers[1]!.trailers).toEqual([['x-t', '1']]);
    }),
  );
});

test('a body in chunks of any length comes whole', () => {
  fc.assert(
    fc.property(bodies, fc.integer({ min: 1, max: 30 }), (chunks, size) => {
      const sent = Buffer.concat(chunks);
      const reader = readIn(
        Buffer.concat([head('Transfer-Encoding: chunked'), ...chunks.map(chunk), last]),
        size,
      );
      const expected = new Exchange();
      expected.received(sent);
      expect(reader.answers[0]!.result()).toMatchObject({
        complete: true,
        body_bytes: sent.length,
        body_sha256: expected.result().body_sha256,
      });
    }),
  );
});

test('a chunk longer than what is kept comes whole', () => {
  const long = Buffer.alloc((1 << 20) + 5, 1);
  const reader = readIn(Buffer.concat([head('Transfer-Encoding: chunked'), chunk(long), last]), 65_536);
  expect(reader.answers[0]).toMatchObject({ complete: true, bodyBytes: long.length, error: null });
});

test.each([
  ['Content-Length: x', 'abc', 'a Content-Length that is no number: x'],
  ['Content-Length: -5', 'abc', 'a Content-Length that is no number: -5'],
  ['Transfer-Encoding: chunked', '-5\r\nabc', 'a chunk without a size'],
  ['Transfer-Encoding: chunked', '0x5\r\nabcde\r\n', 'a chunk without a size'],
  ['Transfer-Encoding: chunked', '1\r\nabc', 'a chunk without its end'],
])('%s before %j fails the answer', (field, body, message) => {
  const reader = readIn(Buffer.concat([head(field), Buffer.from(body)]), 1000);
  expect(reader.answers).toHaveLength(1);
  expect(reader.answers[0]).toMatchObject({ complete: false, error: { message } });
});

const last = Buffer.from('0\r\n\r\n');

function head(field: string): Buffer {
  return Buffer.from(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`);
}

function chunk(bytes: Uint8Array): Buffer {
  if (bytes.length === 0) return Buffer.alloc(0);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)};a=b\r\n`), bytes, Buffer.from('\r\n')]);
}

function readIn(bytes: Buffer, size: number): ResponseReader {
  const reader = new ResponseReader();
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.end();
  return reader;
}
