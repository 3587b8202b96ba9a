import { expect, test } from 'vitest';
import { wrongClientWords, wrongObservationWords } from './witness-words.ts';

const texts = (mistakes: { path: string; text: string }[]) =>
  mistakes.map(({ path, text }) => `${path}: ${text}`);

test.each([
  [{ outcome: 'okay' }, '/c/outcome: outcome is never okay; write ok, error, timeout'],
  [{ close: { by: { $in: ['self', 'pear'] } } }, '/c/close/by/$in/1: 1 is never pear; write self, peer'],
  [{ error: { phase: 'handshake' } }, /^\/c\/error\/phase: phase is never handshake; write connect, /],
  [
    { exchanges: [{}, { staus: 200 }] },
    /^\/c\/exchanges\/1\/staus: there is no staus here; did you mean "status"\? /,
  ],
  [{ exchanges: { $each: { complet: true } } }, /^\/c\/exchanges\/\$each\/complet: .*"complete"/],
  [{ clsoe: { $present: true } }, /^\/c\/clsoe: there is no clsoe here; did you mean "close"\? /],
])('%j is no result of a client', (pattern, text) => {
  expect(texts(wrongClientWords(pattern, ['client'], '/c'))).toEqual([
    typeof text === 'string' ? text : expect.stringMatching(text),
  ]);
});

test('several clients have their results by name', () => {
  expect(wrongClientWords({ a: { outcome: 'ok' } }, ['a', 'b'], '/c')).toEqual([]);
  expect(texts(wrongClientWords({ outcome: 'ok' }, ['a', 'b'], '/c'))).toEqual([
    '/c/outcome: there is no outcome here; write one of a, b',
  ]);
});

test.each([
  [{ observation: 'requst' }, /^\/s\/observation: nothing is observed as requst; did you mean "request"\? /],
  [{ observation: 'close', peer_end: 'reset' }, '/s/peer_end: peer_end is never reset; write fin, rst'],
  [{ observation: 'tls', sini: 'x' }, /^\/s\/sini: there is no sini here; did you mean "sni"\? /],
  [{ observation: 'close', sni: 'x' }, /^\/s\/sni: there is no sni here; write one of /],
])('%j is no observation', (rule, text) => {
  expect(texts(wrongObservationWords(rule, '/s'))).toEqual([
    typeof text === 'string' ? text : expect.stringMatching(text),
  ]);
});

test('what can be is none', () => {
  const rules = [
    { as: 'x', count: 2, observation: 'request', protocol: 'h2', path: { $re: 'x' } },
    { observation: { $in: ['open', 'close'] }, by: 'peer' },
    { observation: 'proxy', tlvs: [{ type: 2 }], error: null },
  ];
  expect(rules.flatMap((rule) => wrongObservationWords(rule, '/s'))).toEqual([]);
  const result = {
    outcome: 'error',
    exchanges: [{ headers: { $contains: ['a', 'b'] }, error: { code: 'X' } }],
    tls: null,
    close: { goaway: { code: 1 } },
    duration_ms: { $lt: 5 },
  };
  expect(wrongClientWords(result, ['client'], '/c')).toEqual([]);
});
