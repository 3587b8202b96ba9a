import { expect, test } from 'vitest';
import type { Evidence } from '../run/evidence.ts';
import { lift, otherwiseFilled } from './lift.ts';

const around = {
  line: 3,
  socket: '127.16.0.1:5000',
  upstreamLocal: null,
  served: false,
  handshakeDone: false,
};
const event = {
  kind: 'event',
  client_ip: '203.0.113.1',
  client_port: 1,
  request: { headers: { host: 'a' }, method: 'GET', path: '/x?tid=t1' },
  response: { headers: { server: 'b' }, status: 502 },
  error: 'refused',
};

test('a record keeps what it has and gets what the run knows for what it lacks', () => {
  expect(lift(event, around)).toMatchObject({
    ...event,
    seq: 3,
    peer_ip: '127.16.0.1',
    peer_port: 5000,
    tid: 't1',
    cause: null,
    anomalies: [],
    request: { raw_headers: [['host', 'a']], trailers: [] },
  });
  expect(lift({ ...event, cause: 'timeout', peer_ip: '10.0.0.1', peer_port: 2 }, around)).toMatchObject({
    cause: 'timeout',
    peer_ip: '10.0.0.1',
  });
});

test("an answer with an error that no server was asked for is the proxy's own; one without an error is not", () => {
  expect(lift(event, around)).toHaveProperty('local_reply', true);
  expect(lift(event, { ...around, served: true })).toHaveProperty('local_reply', false);
  expect(lift({ ...event, error: null }, around)).toHaveProperty('local_reply', false);
});

test('a handshake that fails after it was told as good is late', () => {
  const handshake = { kind: 'tls', side: 'out', outcome: 'fail' };
  expect(lift(handshake, { ...around, handshakeDone: true })).toHaveProperty('late', true);
  expect(lift(handshake, around)).toHaveProperty('late', false);
  expect(lift({ ...handshake, outcome: 'ok' }, { ...around, handshakeDone: true })).toHaveProperty(
    'late',
    false,
  );
});

test('the other filling differs in nothing that was told', () => {
  const told = { ...event, anomalies: ['odd'], request: { ...event.request, raw_headers: [['Host', 'a']] } };
  const evidence = (raw: Record<string, unknown>) =>
    ({ records: [{ record: lift(raw, around), raw, line: 3 }] }) as unknown as Evidence;
  const [other] = otherwiseFilled(evidence(told)).records;
  expect(other!.record).toMatchObject({
    anomalies: ['odd'],
    request: { raw_headers: [['Host', 'a']] },
    response: { raw_headers: [], headers: { server: 'b' } },
  });
  expect(otherwiseFilled(evidence(event)).records[0]!.record).toMatchObject({
    anomalies: ['unknown'],
    request: { raw_headers: [], headers: { host: 'a' } },
  });
  const nobodyAsked = { ...event, request: { headers: {}, method: null, path: null } };
  expect(otherwiseFilled(evidence(nobodyAsked)).records[0]!.record).toMatchObject({
    anomalies: ['unknown', 'unsolicited_response'],
  });
});
