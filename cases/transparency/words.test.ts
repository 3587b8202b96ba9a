import { expect, test } from 'vitest';
import { wrongDirectWords } from './words.ts';

const mistakes = (...places: string[]) =>
  wrongDirectWords(Object.fromEntries(places.map((place) => [place, 'a reason'])), '/direct/differs').map(
    ({ text }) => text,
  );

test('places of an outcome, whole or in part', () => {
  expect(
    mistakes(
      'client',
      'client.close.by',
      'client.exchanges.*.status',
      'server',
      'server.*.peer',
      'server.0.close.0.by',
    ),
  ).toEqual([]);
});

test('a place that no outcome has is named, with what was probably meant', () => {
  expect(mistakes('clinet.close', 'client.exchange', 'server.close', 'server.*.clos')).toEqual([
    'clinet.close: a place is client.… or server.<connection or *>.<observation>.…',
    expect.stringContaining('client.exchange: there is no exchange there; did you mean "exchanges"?'),
    "server.close: the server's connections are numbered from 0; write server.*.close",
    expect.stringContaining('did you mean "close"?'),
  ]);
});
