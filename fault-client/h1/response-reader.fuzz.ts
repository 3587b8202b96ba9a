import { atMost, type FuzzTarget, only, type Step } from '../../protos/testing/fuzz-target.ts';
import { ResponseReader } from './response-reader.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const chunked =
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;x\r\nabc\r\n0\r\nT: 1\r\n\r\n';

export const targets: FuzzTarget[] = [
  {
    name: 'h1-answers',
    about: 'HTTP/1.1 answers as the fault-client counts them',
    grammar: 'http1',
    sides: ['server'],
    cuts: true,
    keepsChunks: true,
    // What has no line end yet is joined for each piece of it.
    copiedBytes: (bytes) => bytes * bytes + 256 * bytes + (1 << 20),
    words: [
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.1 103 E\r\n\r\n',
      'HTTP/1.1 204 N\r\n\r\n',
      'Content-Length: ',
      'Content-Length: -5\r\n',
      'Transfer-Encoding: chunked\r\n',
      '\r\n\r\n',
      '0\r\n\r\n',
      '-1\r\n',
      'fffffffff\r\n',
    ],
    seeds: () =>
      [
        ok + ok,
        chunked + ok,
        'HTTP/1.1 103 E\r\nLink: a\r\n\r\nHTTP/1.1 204 N\r\n\r\n',
        'HTTP/1.0 200 OK\r\n\r\nuntil the end',
        'HTTP/1.1 101 Switching\r\n\r\nraw',
        'garbage\r\n\r\n',
        'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut',
      ].map((text) => only(text)),
    run(steps: Iterable<Step>) {
      const reader = new ResponseReader();
      let bytes = 0;
      for (const { bytes: chunk } of steps) {
        bytes += chunk.length;
        reader.push(chunk);
      }
      reader.end();
      atMost('answers', reader.answers.length, bytes);
      atMost('whole answers', reader.whole, reader.answers.length);
      const answers = reader.answers.map((answer) => answer.result());
      atMost(
        'bytes of bodies',
        answers.reduce((sum, { body_bytes }) => sum + body_bytes, 0),
        bytes,
      );
      return { answers, whole: reader.whole, interim: reader.interim };
    },
  },
];
