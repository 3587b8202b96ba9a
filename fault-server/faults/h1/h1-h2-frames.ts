import { encodeGoaway, encodeSettings } from '../../../protos/h2/frames.ts';
import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1H2Frames = h1Fault({
  id: 'h1-h2-frames',
  summary: 'Answers an HTTP/1.1 request with HTTP/2 frames.',
  peerMustSee: 'A parse error of the status line.',
  spec: 'RFC 9113 3.3',
  answer: (answer) => {
    answer.fired('a SETTINGS and a GOAWAY frame');
    answer.write(Buffer.concat([encodeSettings(), encodeGoaway(0, 1)]));
  },
});
