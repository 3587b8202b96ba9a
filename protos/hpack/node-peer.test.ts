import { once } from 'node:events';
import { createServer } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { clientPreface, frameTypes } from '../h2/constants.ts';
import { FrameReader } from '../h2/frame-reader.ts';
import { encodeHeaders, encodeSettings } from '../h2/frames.ts';
import { HpackDecoder } from './decoder.ts';
import type { Field } from './dynamic-table.ts';
import { HpackEncoder } from './encoder.ts';

test('node:http2 reads what the encoder writes, and the decoder reads what node:http2 writes', async () => {
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const seen = Object.entries(headers).filter(([name]) => name.startsWith('x-'));
    stream.respond({
      ':status': 200,
      'x-echo': encodeURIComponent(JSON.stringify(seen)),
      'set-cookie': ['a=1', 'b=2'],
    });
    stream.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const lists = await exchange((server.address() as AddressInfo).port, 20);
  server.close();
  lists.forEach((list, round) => {
    const fields = Object.fromEntries(list);
    expect(fields[':status']).toBe('200');
    expect(JSON.parse(decodeURIComponent(fields['x-echo']!))).toEqual([
      ['x-round', String(round)],
      ['x-same', '~%same!'.repeat(30)],
      ['x-never', 'secret'],
    ]);
    expect(list.filter(([name]) => name === 'set-cookie')).toEqual([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ]);
  });
});

/** Requests one after the other on one raw connection, the table size changing on the way; the response lists. */
async function exchange(port: number, rounds: number): Promise<Field[][]> {
  const socket = connect(port, '127.0.0.1');
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder();
  const reader = new FrameReader();
  const lists: Field[][] = [];
  const request = (round: number) => {
    if (round % 7 === 3) encoder.resizeTable(round % 2 === 0 ? 200 : 4096);
    const block = encoder.encode([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', `/${round % 3}`],
      [':authority', 'localhost'],
      { name: 'x-round', value: String(round), indexing: 'without' },
      { name: 'x-same', value: '~%same!'.repeat(30), huffman: round % 2 === 0 },
      { name: 'x-never', value: 'secret', indexing: 'never' },
    ]);
    socket.write(encodeHeaders(round * 2 + 1, block, { endStream: true }));
  };
  socket.write(clientPreface);
  socket.write(encodeSettings());
  request(0);
  for await (const chunk of socket) {
    for (const frame of reader.push(chunk)) {
      if (frame.type !== frameTypes.HEADERS) continue;
      const decoded = decoder.decode(frame.payload);
      expect(decoded.error).toBeNull();
      lists.push(decoded.fields);
      if (lists.length === rounds) return lists;
      request(lists.length);
    }
  }
  throw new Error(`node:http2 ended the connection after ${lists.length} responses`);
}
