import { expect, test } from 'vitest';
import { expandSources } from '../load/catalog.ts';
import { plan } from '../plan/plan.ts';
import { counterpartOf } from './counterpart.ts';

/** The counterpart of the only case of a file, its keys beside tid, title and expect given. */
function counterpart(keys: string, record = '{ kind: conn, event: close }') {
  const text = `
cases:
  - tid: a
    title: A
${keys
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
    expect: { records: [${record}] }
`;
  const { cases, listeners } = plan(expandSources([{ path: 'area/a.yaml', text }]));
  return counterpartOf(cases[0]!, listeners.get(cases[0]!.listenerKey)!);
}

const plain = 'listener: { tls: false }\nupstream: { kind: http }\nclient: { proto: h1 }';

test('with TLS on both sides or on neither, clients and endpoint stay what they are', () => {
  expect(counterpart(plain)).toMatchObject({
    endpoint: { kind: 'http' },
    clients: [{ spec: { proto: 'h1' } }],
    tls: { client: false, upstream: false, direct: false },
  });
  const both = counterpart('upstream: { kind: http, tls: { alpn: [h2] } }\nclient: { proto: h2 }');
  expect(both).toMatchObject({
    endpoint: { tls: { alpn: ['h2'] } },
    clients: [{ spec: { proto: 'h2', tls: {} } }],
    tls: { direct: true },
  });
});

test('where the client alone has TLS, the endpoint wears the ALPN of the listener', () => {
  expect(counterpart('upstream: { kind: http }\nclient: { proto: h2 }')).toMatchObject({
    endpoint: { kind: 'http', tls: { alpn: ['h2', 'http/1.1'] } },
    clients: [{ spec: { tls: {} } }],
    tls: { client: true, upstream: false, direct: true },
  });
});

test('a client that owns its bytes above TLS, or meets a fault below it, does without TLS', () => {
  const raw = counterpart(
    'upstream: { kind: http }\nclient: { proto: raw, fault: { id: h1-bare-lf, params: { path: /x } } }',
  );
  expect(raw).toMatchObject({
    clients: [{ spec: { fault: { params: { path: '/x', plaintext: true } } } }],
    tls: { direct: false },
  });
  const below = counterpart('upstream: { kind: http, fault: { id: tcp-limit } }\nclient: { proto: h1 }');
  expect(below).toMatchObject({
    clients: [{ spec: { request: { headers: [['Host', 'localhost']] } } }],
    tls: { direct: false },
  });
  expect(below).not.toHaveProperty('endpoint.tls');
  expect(below).not.toHaveProperty('clients.0.spec.tls');
});

test.each([
  ['{ kind: event, local_reply: true }', 'the proxy answers itself'],
  ['{ kind: tls, side: in, outcome: fail }', "the client fails in the proxy's own handshake"],
  ['{ kind: tls, side: out, outcome: fail }', "the upstream fails in the proxy's own handshake"],
  ['{ kind: conn, event: close, closed_by: proxy }', 'the proxy ends the connection by a limit or a refusal'],
])('a case that expects %s has none: %s', (record, group) => {
  expect(counterpart(plain, record)).toEqual({ group, reason: group });
});

test.each([
  ['upstream: refused\nclient: { proto: h1 }', 'there is no upstream'],
  [`tags: [large]\n${plain}`, 'a body too large to be sent twice'],
  [
    'upstream: { kind: http, tls: { clientCert: require } }\nclient: { proto: h1 }',
    'each leg has certificates of its own',
  ],
  [`direct: { skip: the reason of the case }\n${plain}`, 'the case says why'],
])('%j has none: %s', (keys, group) => {
  expect(counterpart(keys)).toMatchObject({ group });
});
