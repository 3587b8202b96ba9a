import { encodePing } from '../../../protos/h2/frames.ts';
import { grpcFields, grpcReply, grpcTrailers } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcPing = h2Fault({
  id: 'grpc-ping',
  layer: 'grpc',
  summary: 'Sends PING frames before and after the header fields and the data of a good answer.',
  peerMustSee: 'The call succeeds; each PING acknowledged.',
  spec: 'grpc/grpc doc/http2-interop-test-descriptions.md ping',
  pingAck: (answer, frame) => answer.fired(`PING acknowledged: ${frame.payload.toString('hex')}`),
  answer: (answer) => {
    const { peer, request } = answer;
    const ping = () => peer.send(encodePing(Buffer.from('wiretrac')));
    answer.fired('4 PING frames around the answer');
    ping();
    peer.headers(request.id, grpcFields());
    ping();
    peer.data(request.id, grpcReply(request), {}, () => {
      ping();
      peer.headers(request.id, grpcTrailers(0), { endStream: true });
      ping();
    });
  },
});
