import { encodeMessage } from '../../../protos/grpc/framing.ts';
import { grpcFields, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcGzipCorrupt = h2Fault({
  id: 'grpc-gzip-corrupt',
  layer: 'grpc',
  summary: 'Sends a reply that says gzip and is none.',
  peerMustSee: 'The call fails with INTERNAL: the message cannot be decompressed.',
  spec: 'gRPC: compression.md',
  answer: (answer) => {
    const { peer, request } = answer;
    answer.fired('32 bytes as gzip that are none');
    peer.headers(request.id, [...grpcFields(), ['grpc-encoding', 'gzip']]);
    // The magic number of gzip, so that only the data tells.
    const broken = Buffer.concat([Buffer.from('1f8b0800000000000003', 'hex'), Buffer.alloc(22, 0xff)]);
    peer.data(request.id, encodeMessage(broken, { flag: 1 }), {}, () =>
      peer.headers(request.id, grpcTrailers(0), { endStream: true }),
    );
  },
});
