import { grpcFields, grpcReply, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcNoDfPadding = h2Fault({
  id: 'grpc-no-df-padding',
  layer: 'grpc',
  summary: 'Sends the reply in DATA frames of 5 bytes, without padding.',
  peerMustSee: 'The call succeeds.',
  spec: 'grpc/grpc doc/http2-interop-test-descriptions.md no_df_padding_sanity_test',
  answer: (answer) => {
    const { peer, request } = answer;
    answer.fired('the reply in DATA frames of 5 bytes, without padding');
    peer.headers(request.id, grpcFields());
    peer.data(request.id, grpcReply(request), { padBytes: undefined, frameBytes: 5 }, () =>
      peer.headers(request.id, grpcTrailers(0), { endStream: true }),
    );
  },
});
