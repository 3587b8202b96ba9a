import { h1Fault } from '../../raw-h1/h1-fault.ts';

export const h1ExpectSilence = h1Fault({
  id: 'h1-expect-silence',
  summary: 'Never answers Expect: 100-continue.',
  peerMustSee: 'Silence; a client sends its body after a wait of its own, or gives up.',
  spec: 'RFC 9110 10.1.1',
  atHead: (answer) => {
    const expect = answer.request.headers.find(([name]) => name.toLowerCase() === 'expect')?.[1] ?? 'nothing';
    answer.fired(`silence to a request that expects ${expect}`);
  },
  answer: () => {},
});
