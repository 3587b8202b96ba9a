import { clientPreface } from '../../protos/h2/constants.ts';
import {
  encodeContinuation,
  encodeData,
  encodeGoaway,
  encodeHeaders,
  encodePing,
  encodeRstStream,
  encodeSettings,
  encodeWindowUpdate,
} from '../../protos/h2/frames.ts';
import { HpackEncoder } from '../../protos/hpack/encoder.ts';
import { atMost, type FuzzTarget, only } from '../../protos/testing/fuzz-target.ts';
import { bytesOnlyConnection } from '../endpoints/fuzz.fixture.ts';
import { H2Peer } from './h2-peer.ts';

const block = new HpackEncoder({ tableBytes: 0 }).encode([
  [':method', 'POST'],
  [':path', '/s.S/M'],
  [':scheme', 'http'],
  ['content-type', 'application/grpc'],
]);
const opening = Buffer.concat([clientPreface, encodeSettings([[4, 10]])]);

export const targets: FuzzTarget[] = [
  {
    name: 'h2-requests',
    about: 'HTTP/2 requests as the faults of the fault-server read and answer them',
    grammar: 'h2',
    sides: ['client'],
    cuts: true,
    // The reader makes room for a payload of up to 1 MiB when its head has come.
    copiedBytes: (bytes) => 20_000 * bytes + (4 << 20),
    seeds: () => [
      only(Buffer.concat([opening, encodeHeaders(1, block, { endStream: true }), encodePing()])),
      only(
        Buffer.concat([
          opening,
          encodeHeaders(1, block.subarray(0, 5), { endHeaders: false, padBytes: 2 }),
          encodeContinuation(1, block.subarray(5)),
          encodeData(1, '\0\0\0\0\x02ab', { endStream: true, padBytes: 3 }),
          encodeWindowUpdate(0, 100),
        ]),
      ),
      only(
        Buffer.concat([opening, encodeHeaders(1, block), encodeRstStream(1, 8), encodeGoaway(1, 2, 'why')]),
      ),
      only(Buffer.concat([opening, encodeHeaders(1, block), encodeHeaders(1, block, { endStream: true })])),
      only('GET / HTTP/1.1\r\nHost: this is no HTTP/2\r\n\r\n'),
    ],
    run(steps) {
      const { connection, told, sent, push, close } = bytesOnlyConnection();
      const peer: H2Peer = new H2Peer(connection, {
        request: (request) => {
          peer.headers(request.id, [[':status', '200']]);
          peer.data(request.id, Buffer.from('an answer of 22 bytes.'));
        },
      });
      let bytes = 0;
      for (const { bytes: chunk } of steps) {
        bytes += chunk.length;
        push(chunk);
      }
      close();
      atMost('frames', peer.received.frames, bytes / 9);
      atMost('writes', sent.length, bytes + 1);
      return { told, sent: sent.join(''), frames: peer.received.frames };
    },
  },
];
