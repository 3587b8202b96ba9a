import { expect, test } from 'vitest';
import type { ClientResult } from '../../protos/control/fault-client.ts';
import type { ServerObservation } from '../../protos/control/fault-server.ts';
import { outcomeOf, placeless } from './outcome.ts';

const result = (change: Partial<ClientResult>): ClientResult => ({
  outcome: 'ok',
  error: null,
  exchanges: [],
  tls: null,
  close: { by: 'self', peer_end: 'fin', goaway: null },
  sockets: ['127.16.0.1:5000'],
  received_hex: null,
  received_bytes: 0,
  notes: [],
  duration_ms: 1,
  ...change,
});
const received = (hex: string) => outcomeOf(result({ received_hex: hex }), [], false).client!.received;

test('received bytes are text, or frames whose field blocks and DATA cuts do not count', () => {
  expect(received(Buffer.from('HTTP/1.1 200 OK').toString('hex'))).toBe('HTTP/1.1 200 OK');
  const settings = '000000040000000000';
  const one = `${settings}0000020104000000018882${'000002000000000001'}6162${'000001000100000001'}63`;
  const two = `${settings}000003010400000001888283${'000003000100000001'}616263`;
  expect(received(one)).toEqual(received(two));
  expect(received(one)).toEqual([
    'type 4 flags 0 stream 0: ',
    'type 1 flags 4 stream 1: <fields>',
    'type 0 stream 1: abc',
  ]);
  expect(received(`${settings}000001000100000001`)).toEqual(['type 4 flags 0 stream 0: ']);
});

test('what a server saw is told by its words and streams, without addresses and times', () => {
  const seen = { endpoint: 'direct-1', conn: 7, remote: '127.16.0.1:5000', ts: 1 };
  const said = { observation: 'peer', said: 'rst_stream', code: 8, name: 'CANCEL', debug: null } as const;
  const observations: ServerObservation[] = [
    { ...seen, ...said, stream_id: 3 },
    { ...seen, observation: 'fault', fault: 'f', detail: 'd' },
    { ...seen, ...said, stream_id: 1 },
  ];
  const { server } = outcomeOf(null, [{ conn: 7, remote: seen.remote, observations }], true);
  expect(server).toEqual([
    {
      peer: [
        { said: 'rst_stream', code: 8, name: 'CANCEL', debug: null, stream_id: 1 },
        { said: 'rst_stream', code: 8, name: 'CANCEL', debug: null, stream_id: 3 },
      ],
      fault: [{ fault: 'f', detail: 'd' }],
    },
  ]);
});

test('texts lose what belongs to their place or moment, and nothing else', () => {
  const places = { target: '127.0.0.1:4000', host: 'localhost', sockets: ['127.16.0.1:5000'] };
  expect(placeless('to 127.0.0.1:4000 from 127.16.0.1:5000', places)).toBe('to localhost from <socket>');
  expect(placeless('Date: Sun, 06 Nov 1994 08:49:37 GMT', places)).toBe('Date: <date>');
  expect(placeless('read ECONNRESET', places)).toBe(placeless('write ECONNRESET', places));
  expect(placeless('read ECONNREFUSED', places)).toBe('read ECONNREFUSED');
  expect(placeless('4 Deadline exceeded after 0.01s', places)).toBe('4 Deadline exceeded after <time>');
});

test('a goodbye that comes behind the end of the server itself is chance; any other word of a peer is not', () => {
  const seen = { endpoint: 'direct-1', conn: 7, remote: '127.16.0.1:5000', ts: 1 };
  const goaway = { ...seen, observation: 'peer', said: 'goaway', stream_id: null, debug: '' } as const;
  const words = (code: number, by: 'self' | 'peer') => {
    const observations: ServerObservation[] = [
      { ...goaway, code, name: '' },
      { ...seen, observation: 'close', peer_end: 'fin', by, fin_sent: true, bytes_in: 0, bytes_out: 0 },
    ];
    const { server } = outcomeOf(null, [{ conn: 7, remote: seen.remote, observations }], true);
    return Object.keys(server[0]!);
  };
  expect(words(0, 'self')).toEqual(['close']);
  expect(words(1, 'self')).toEqual(['peer', 'close']);
  expect(words(0, 'peer')).toEqual(['peer', 'close']);
});
