import { expect, test } from 'vitest';
import { correlate, type Sides } from './correlate.ts';

const claims = (src: string) => ({ proxyHeader: { version: 'v1' as const, src } });
const plain = {};

function sides(given: Partial<Sides>): Sides {
  return { clients: [], sockets: [], connections: [], server: [], ...given };
}

function connection(
  connId: string,
  address: string,
  fromMs: number,
  toMs: number,
  path: string | null = null,
) {
  return { connId, address, fromMs, toMs, path };
}

function seen(
  conn: number,
  fromMs: number,
  toMs: number,
  claimed: string | null = null,
  paths: string[] = [],
) {
  return { conn, fromMs, toMs, claimed, paths };
}

test('an address names its socket, whatever the other clients do', () => {
  const { matches, ambiguous } = correlate(
    sides({
      clients: [
        { name: 'a', spec: plain, source: '127.16.0.1' },
        { name: 'b', spec: claims('203.0.113.1:1'), source: '127.16.0.2' },
      ],
      sockets: [
        { client: 'a', socket: '127.16.0.1:5' },
        { client: 'b', socket: '127.16.0.2:6' },
      ],
      connections: [connection('two', '203.0.113.1:1', 0, 9), connection('one', '127.16.0.1:5', 1, 8)],
    }),
  );
  expect(ambiguous).toBeNull();
  expect(matches).toEqual([
    {
      connId: 'two',
      client: 'b',
      socket: '127.16.0.2:6',
      rule: 'the source its PROXY header names',
      server: null,
    },
    { connId: 'one', client: 'a', socket: '127.16.0.1:5', rule: 'the address of its socket', server: null },
  ]);
});

test('a connection reset before its client heard of it is known by its source address', () => {
  const { matches } = correlate(
    sides({
      clients: [{ name: 'a', spec: plain, source: '127.16.0.1' }],
      connections: [connection('one', '127.16.0.1:5', 0, 1)],
    }),
  );
  expect(matches[0]).toMatchObject({
    client: 'a',
    socket: '127.16.0.1:5',
    rule: "the client's source address",
  });
});

test('the only client of a listener owns what comes there; its sockets are told apart only when they followed one another', () => {
  const one = sides({
    clients: [{ name: 'a', spec: claims('203.0.113.1:1'), source: '127.16.0.1' }],
    sockets: [
      { client: 'a', socket: '127.16.0.1:5' },
      { client: 'a', socket: '127.16.0.1:6' },
    ],
    connections: [connection('one', '203.0.113.1:1', 0, 2), connection('two', '203.0.113.1:1', 2, 5)],
  });
  expect(correlate(one).matches.map(({ socket }) => socket)).toEqual(['127.16.0.1:5', '127.16.0.1:6']);
  one.connections[1]!.fromMs = 1;
  expect(correlate(one).matches.map(({ client, socket }) => [client, socket])).toEqual([
    ['a', null],
    ['a', null],
  ]);
});

test('two clients that claim the same source are not told apart, and the reason names the address', () => {
  const { ambiguous, matches } = correlate(
    sides({
      clients: [
        { name: 'a', spec: claims('203.0.113.1:1'), source: '127.16.0.1' },
        { name: 'b', spec: claims('203.0.113.1:1'), source: '127.16.0.2' },
      ],
      connections: [connection('one', '203.0.113.1:1', 0, 1)],
    }),
  );
  expect(matches[0]!.client).toBeNull();
  expect(ambiguous).toContain('a connection from 203.0.113.1:1 fits several clients');
});

test("the server's connections are paired by claimed source and by path, and in order only without overlap", () => {
  const clients = [{ name: 'a', spec: plain, source: '127.16.0.1' }];
  const pairs = (given: Partial<Sides>) =>
    correlate(sides({ clients, ...given })).matches.map(({ server }) => server);
  const twoAtOnce = [
    connection('one', '127.16.0.1:5', 0, 9, '/x'),
    connection('two', '127.16.0.1:6', 1, 9, '/y'),
  ];
  expect(
    pairs({ connections: twoAtOnce, server: [seen(7, 2, 9, null, ['/y']), seen(8, 2, 9, null, ['/x'])] }),
  ).toEqual([8, 7]);
  expect(pairs({ connections: twoAtOnce, server: [seen(7, 2, 9, '127.16.0.1:6'), seen(8, 2, 9)] })).toEqual([
    8, 7,
  ]);
  expect(pairs({ connections: twoAtOnce, server: [seen(7, 2, 9), seen(8, 3, 9)] })).toEqual([null, null]);
  const inTurn = [connection('one', '127.16.0.1:5', 0, 2), connection('two', '127.16.0.1:6', 2, 4)];
  expect(pairs({ connections: inTurn, server: [seen(7, 1, 2), seen(8, 3, 4)] })).toEqual([7, 8]);
});
