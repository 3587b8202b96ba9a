import { gzipSync } from 'node:zlib';
import { encodeMessage } from '../../../protos/grpc/framing.ts';
import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

/** By length: deflating it takes longer than everything else. */
const bombs = new Map<number, Buffer>();

export const grpcGzipBomb = h2Fault({
  id: 'grpc-gzip-bomb',
  layer: 'grpc',
  summary: 'Sends a small message that gunzips to a thousand times its size.',
  peerMustSee: 'RESOURCE_EXHAUSTED: the message is larger than its limit once decompressed.',
  spec: 'gRPC: compression.md',
  params: Type.Object(
    {
      bytes: Type.Integer({
        default: 67_108_864,
        minimum: 1,
        maximum: 1_073_741_824,
        description: 'decompressed length, all zero',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, { bytes }) => {
    const { peer, request } = answer;
    const packed = bombs.get(bytes) ?? gzipSync(Buffer.alloc(bytes));
    bombs.set(bytes, packed);
    answer.fired(`${packed.length} bytes that gunzip to ${bytes}`);
    peer.headers(request.id, [...grpcFields(), ['grpc-encoding', 'gzip']]);
    peer.data(request.id, encodeMessage(packed, { flag: 1 }), {}, () =>
      peer.headers(request.id, grpcTrailers(0), { endStream: true }),
    );
  },
});
