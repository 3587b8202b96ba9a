import { grpcFields, grpcReply, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcDataFramePadding = h2Fault({
  id: 'grpc-data-frame-padding',
  layer: 'grpc',
  summary: 'Sends the reply in DATA frames of 5 bytes, with 255 bytes of padding each.',
  peerMustSee: 'The call succeeds: flow control counts the padding.',
  spec: 'grpc/grpc doc/http2-interop-test-descriptions.md data_frame_padding',
  answer: (answer) => {
    const { peer, request } = answer;
    answer.fired('the reply in DATA frames of 5 bytes, with 255 bytes of padding each');
    peer.headers(request.id, grpcFields());
    peer.data(request.id, grpcReply(request), { padBytes: 255, frameBytes: 5 }, () =>
      peer.headers(request.id, grpcTrailers(0), { endStream: true }),
    );
  },
});
