import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcHtml200 = h2Fault({
  id: 'grpc-html-200',
  layer: 'grpc',
  summary: 'Answers 200 with a page of HTML, as a captive portal does.',
  peerMustSee:
    'The call fails: what came is no gRPC. A parser that does not look at the type takes "<htm" for a length.',
  spec: 'gRPC over HTTP/2: Responses',
  answer: (answer) => {
    const { peer, request } = answer;
    const page = Buffer.from('<html><body>Please sign in</body></html>\n');
    answer.fired('text/html in place of a reply');
    peer.headers(request.id, [
      [':status', '200'],
      ['content-type', 'text/html'],
    ]);
    peer.data(request.id, page, {}, () => peer.end(request.id));
  },
});
