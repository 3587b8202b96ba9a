import { expect, test } from 'vitest';
import type { CaseInstance } from '../load/catalog.ts';
import type { Evidence } from '../run/evidence.ts';
import { toldExpectations } from './told-expectations.ts';

const close = { kind: 'conn', event: 'close', conn_id: 'c', close_reason: 'client_fin' };

function told(expectation: object, raw: object[] = [close]) {
  const evidence = {
    records: raw.map((record, line) => ({ record, raw: record, line })),
  } as unknown as Evidence;
  const { expect: left, untold } = toldExpectations(expectation as CaseInstance['expect'], evidence);
  return { ...left, untold: Object.fromEntries(untold) };
}

test('a field 1.50 lacks is taken out of a rule, which is loose then, and counted', () => {
  const { records, untold } = told({
    records: [
      { as: 'end', kind: 'conn', event: 'close', cause: 'graceful', close_reason: 'client_fin', term: '--' },
      { kind: 'conn', event: 'open', after: 'end' },
    ],
  });
  expect(records).toEqual([
    { as: 'end', kind: 'conn', event: 'close', close_reason: 'client_fin', loose: true },
    { kind: 'conn', event: 'open', after: 'end' },
  ]);
  expect(untold).toEqual({ 'conn.cause': 1, 'conn.term': 1 });
});

test('a field the program writes all the same is judged', () => {
  const rule = { kind: 'conn', event: 'close', cause: 'graceful' };
  expect(told({ records: [rule] }, [{ ...close, cause: 'reset' }]).records).toEqual([rule]);
});

test('inside a section only the parts it lacks are taken out; an operator that names one is taken out whole', () => {
  const { records, untold } = told({
    records: [
      { kind: 'event', response: { status: 200, trailers: [] } },
      { kind: 'event', response: { $all: [{ status: 200 }, { trailers: [] }] } },
      { kind: 'event', response: { $any: [{ status: 200 }, { trailers: [] }] } },
      { kind: 'event', request: { headers: { $present: true } } },
    ],
  });
  expect(records).toEqual([
    { kind: 'event', response: { status: 200 }, loose: true },
    { kind: 'event', response: { $all: [{ status: 200 }, {}] }, loose: true },
    { kind: 'event', loose: true },
    { kind: 'event', request: { headers: { $present: true } } },
  ]);
  expect(untold).toEqual({ 'event.response.trailers': 2, 'event.response': 1 });
});

test('a frame 1.50 never records is not expected; one it does record is', () => {
  const { records, untold } = told({
    records: [
      { kind: 'h2ctl', h2_event: 'PING' },
      { kind: 'h2ctl', h2_event: 'GOAWAY' },
    ],
  });
  expect(records).toEqual([{ kind: 'h2ctl', h2_event: 'GOAWAY' }]);
  expect(untold).toEqual({ 'h2ctl PING': 1 });
});

test('what must never come stands only where every part of it is told', () => {
  const { never, untold } = told({
    records: [{ kind: 'conn' }],
    never: [
      { kind: 'tls', outcome: 'fail' },
      { kind: 'event', cause: { $present: true } },
    ],
  });
  expect(never).toEqual([{ kind: 'tls', outcome: 'fail' }]);
  expect(untold).toEqual({ 'never event.cause': 1 });
});

test('a reference to a field nobody tells takes the comparison away, also from what a witness is held against', () => {
  const { records, client, untold } = told({
    client: { exchanges: [{ status: 200, grpc_status: { $ref: 'records.call.grpc_status' } }] },
    records: [
      { as: 'call', kind: 'event' },
      { kind: 'conn', event: 'close', proxy_src: { $ref: 'records.call.upstream_local' } },
      { kind: 'conn', event: 'close', path: { $ref: 'records.call.request.path' } },
    ],
  });
  expect(client).toEqual({ exchanges: [{ status: 200 }] });
  expect(records[1]).toEqual({ kind: 'conn', event: 'close', loose: true });
  expect(records[2]).toEqual({ kind: 'conn', event: 'close', path: { $ref: 'records.call.request.path' } });
  expect(untold).toEqual({ 'conn.proxy_src': 1, 'records.call.grpc_status': 1 });
});
