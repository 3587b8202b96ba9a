import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const h2SrvFinNoGoaway = h2Fault({
  id: 'h2-srv-fin-no-goaway',
  layer: 'h2',
  summary: 'Ends the connection with FIN instead of answering, without GOAWAY.',
  peerMustSee: 'FIN while the request is open, no GOAWAY, no RST_STREAM.',
  spec: 'RFC 9113 6.8',
  answer: (answer) => {
    answer.fired('FIN without GOAWAY');
    answer.peer.connection.end();
  },
});
