import { encodeGoaway } from '../../../protos/h2/frames.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcTooManyPings = h2Fault({
  id: 'grpc-too-many-pings',
  layer: 'grpc',
  summary:
    'Ends a connection with a call open as a server does whose keepalive policy was broken: GOAWAY ENHANCE_YOUR_CALM "too_many_pings", then FIN.',
  peerMustSee: 'UNAVAILABLE; a client doubles its keepalive time.',
  spec: 'gRPC: A8 client-side keepalive',
  answer: (answer) => {
    const { peer, request } = answer;
    answer.fired('GOAWAY 11 too_many_pings and FIN');
    peer.send(encodeGoaway(request.id, 11, 'too_many_pings'));
    peer.connection.end();
  },
});
