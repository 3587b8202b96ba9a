import { expect, test } from 'vitest';
import { wrongWords } from './record-words.ts';

test.each([
  [{ kind: 'tlss' }, '/r/kind: no record is of kind tlss; write conn, tls, event, h2ctl'],
  [{ kind: 'tls', outcme: 'ok' }, '/r/outcme: no tls record has the key outcme'],
  [{ outcme: 'ok' }, '/r/outcme: no record has the key outcme'],
  [
    { kind: 'conn', cause: 'truncatd' },
    '/r/cause: no cause is called truncatd; the words are in protos/records/causes.ts',
  ],
  [
    { kind: 'conn', term: 'ZZ' },
    '/r/term: no term is ZZ; write two letters of the model in protos/records/causes.ts',
  ],
  [{ kind: 'conn', event: 'closed' }, '/r/event: event is never closed; write wait, open, close'],
  [
    { kind: 'conn', closed_by: 'nobody' },
    '/r/closed_by: closed_by is never nobody; write client, upstream, proxy, unknown',
  ],
])('%j is a mistake', (rule, text) => {
  expect(wrongWords(rule, '/r').map((wrong) => `${wrong.path}: ${wrong.text}`)).toEqual([text]);
});

test('words records have, and operators, are none', () => {
  const rules = [
    {
      as: 'x',
      count: 2,
      kind: 'conn',
      event: 'close',
      cause: 'h2_rst:CANCEL',
      term: 'pR',
      closed_by: 'proxy',
    },
    { kind: 'event', cause: { $re: '^dns_' }, protocol: 'grpc', response: { anything: 1 } },
    { kind: 'tls', outcome: { $ne: 'ok' }, alert: null },
    { upstream_local: null },
  ];
  expect(rules.flatMap((rule) => wrongWords(rule, '/r'))).toEqual([]);
});
