import { encodePing } from '../../../protos/h2/frames.ts';
import { h2Fault, okFields, okText } from '../../raw-h2/h2-fault.ts';

export const h2SrvPing = h2Fault({
  id: 'h2-srv-ping',
  layer: 'h2',
  summary: 'Sends PING frames before and after the header fields and the data of the answer.',
  peerMustSee: 'Each PING acknowledged with its own bytes; a good answer.',
  spec: 'RFC 9113 6.7',
  pingAck: (answer, frame) => answer.fired(`PING acknowledged: ${frame.payload.toString('hex')}`),
  answer: (answer) => {
    const { peer, request } = answer;
    const ping = () => peer.send(encodePing(Buffer.from('wiretrac')));
    answer.fired('4 PING frames around the answer');
    ping();
    peer.headers(request.id, okFields([['content-length', String(okText.length)]]));
    ping();
    peer.data(request.id, okText, {}, () => {
      ping();
      peer.end(request.id);
      ping();
    });
  },
});
