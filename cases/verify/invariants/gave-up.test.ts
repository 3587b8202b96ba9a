import { expect, test } from 'vitest';
import type { ClientResult, ExchangeResult } from '../../../protos/control/fault-client.ts';
import type { ClientEvidence } from '../../run/evidence.ts';
import type { ConnectionView } from '../case-view.ts';
import { gaveUp, leftUnanswered } from './gave-up.ts';

const exchange = (change: Partial<ExchangeResult>) =>
  ({
    status: null,
    complete: false,
    rst_code: null,
    error: null,
    grpc_messages: 0,
    ...change,
  }) as ExchangeResult;
const client = (exchanges: Partial<ExchangeResult>[], by: 'self' | 'peer' = 'self', fault?: { id: string }) =>
  ({
    name: 'client',
    spec: fault ? { fault } : {},
    result: { exchanges: exchanges.map(exchange), close: { by } } as unknown as ClientResult,
  }) as ClientEvidence;

test('a client that left by itself with nothing read gave up', () => {
  expect(gaveUp(client([{}]))).toBe(true);
  expect(gaveUp(client([{ grpc_status: 4 }]))).toBe(true);
});

test('one that read anything, failed, was left, or owns its bytes did not', () => {
  for (const read of [
    { status: 200 },
    { complete: true },
    { rst_code: 8 },
    { grpc_messages: 1 },
    { error: { code: 'X', message: '' } },
  ])
    expect(gaveUp(client([{}, read])), JSON.stringify(read)).toBe(false);
  expect(gaveUp(client([{}], 'peer'))).toBe(false);
  expect(gaveUp(client([{}], 'self', { id: 'h2-ping' }))).toBe(false);
  expect(gaveUp(client([]))).toBe(false);
  expect(gaveUp(null)).toBe(false);
});

test('a server that began its answer was not left unanswered', () => {
  const view = (status: number | null) =>
    ({ client: client([{}]), seen: { response: [{ status }] } }) as unknown as ConnectionView;
  expect(leftUnanswered(view(null))).toBe(true);
  expect(leftUnanswered(view(200))).toBe(false);
});
