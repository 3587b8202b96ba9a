import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1Unsolicited101 = h1Fault({
  id: 'h1-unsolicited-101',
  summary: 'Switches protocols although nobody asked for it.',
  peerMustSee: '101 to a request without Upgrade: to be refused.',
  spec: 'RFC 9110 15.2.2',
  answer: (answer) => {
    answer.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: surprise\r\n\r\nno HTTP any more\n',
    );
    answer.answered(101);
    answer.fired('101 to a request without Upgrade');
  },
});
