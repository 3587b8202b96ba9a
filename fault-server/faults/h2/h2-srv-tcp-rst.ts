import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvTcpRst = h2Fault({
  id: 'h2-srv-tcp-rst',
  layer: 'h2',
  summary: 'Resets the TCP connection instead of answering.',
  peerMustSee: 'TCP RST while the request is open.',
  spec: 'RFC 9293 3.5.3',
  answer: (answer) => {
    answer.fired('TCP RST before an answer');
    answer.peer.reset();
  },
});
