import { atMost, type FuzzTarget, only } from '../../protos/testing/fuzz-target.ts';
import { bytesOnlyConnection } from '../endpoints/fuzz.fixture.ts';
import { readH1Requests } from './h1-peer.ts';

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';

export const targets: FuzzTarget[] = [
  {
    name: 'h1-requests',
    about: 'HTTP/1.1 requests as the faults of the fault-server read them',
    grammar: 'http1',
    sides: ['client'],
    cuts: true,
    keepsChunks: true,
    // What is no whole line yet is joined for each piece of it.
    copiedBytes: (bytes) => 4 * bytes * bytes + 2048 * bytes + (1 << 20),
    words: [
      'GET / HTTP/1.1\r\n',
      'Content-Length: ',
      'Content-Length: -5\r\n',
      'Transfer-Encoding: chunked\r\n',
      '\r\n\r\n',
      '0\r\n\r\n',
      'ffffffff\r\n',
    ],
    seeds: () =>
      [
        get + get,
        `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello${get}`,
        'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n2\r\nde\r\n0\r\n\r\n' +
          get,
        'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: 1\r\n\r\n',
        'POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\ncut',
        'garbage\r\n\r\n',
      ].map((text) => only(text)),
    run(steps) {
      const { connection, told, push, close } = bytesOnlyConnection();
      let requests = 0;
      let heads = 0;
      readH1Requests(
        connection,
        () => requests++,
        () => heads++,
      );
      let bytes = 0;
      for (const { bytes: chunk } of steps) {
        bytes += chunk.length;
        push(chunk);
      }
      close();
      atMost('heads', heads, bytes / 4);
      atMost('requests', requests, heads);
      return { told, requests, heads };
    },
  },
];
