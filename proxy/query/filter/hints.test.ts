import { expect, test } from 'vitest';
import { filterHints } from './hints.ts';

test.each([
  ['closed_by=upstraem', /^closed_by is never "upstraem"; did you mean "upstream"\?/],
  ['protocol=tlss', /^protocol is never "tlss"; did you mean "tls"\?/],
  ['-(kind=conn event!=closed)', /^event is never "closed"; did you mean "close"\?/],
  ['side in (in, outt)', /^side is never "outt"; did you mean "out"\?/],
  ['cause=client_alart:unknown_ca', /^cause is never "client_alart:unknown_ca"/],
])('%s names a word the field never has', (filter, hint) => {
  expect(filterHints(filter)).toEqual([expect.stringMatching(hint)]);
});

test.each([
  '',
  'word',
  'closed_by=upstream',
  'proto=grpc',
  'proto=tls',
  'cause=client_alert:unknown_ca',
  'cause=',
  'closed_by^=up',
  'kind in (conn, t*)',
  'listener=anything',
])('%j has nothing to tell', (filter) => {
  expect(filterHints(filter)).toEqual([]);
});
