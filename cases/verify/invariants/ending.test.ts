import { expect, test } from 'vitest';
import { ending } from './ending.ts';

type Told = { end: 'fin' | 'rst'; flags: string[]; finSent: boolean; clientMet: 'fin' | 'rst' };

/** What is broken where the server ended and the client met that as `clientMet`. */
const judged = ({ end, flags, finSent, clientMet }: Told) => {
  const close = {
    kind: 'conn',
    event: 'close',
    seq: 1,
    closed_by: 'upstream',
    close_reason: `upstream_${end}`,
    cause: 'h2_goaway:INTERNAL_ERROR',
    term: 'SH',
    upstream_end: end,
    client_end: null,
    flags,
  };
  const connection = {
    close,
    client: { sockets: ['a'], spec: {}, result: { close: { by: 'peer', peer_end: clientMet } } },
    seen: { close: [{ by: 'self', peer_end: null, fin_sent: finSent }] },
    events: [],
  };
  const view = { connections: [connection], instance: { upstream: { kind: 'http' } } };
  return ending.check(view as never).map(({ path }) => path);
};

const both = ['upstream_fin', 'upstream_rst'];

test('an RST that is told with a FIN in front of it is seen, unless its server had sent one', () => {
  const told = { end: 'fin', flags: both, clientMet: 'rst' } as const;
  expect(judged({ ...told, finSent: false })).toEqual(['conn close seq 1: upstream_end']);
  expect(judged({ ...told, finSent: true })).toEqual([]);
});

test('what reached the client is what is told, where nothing came behind it', () => {
  const rst = { end: 'rst', flags: ['upstream_rst'] } as const;
  const fin = { end: 'fin', flags: ['upstream_fin'] } as const;
  for (const finSent of [false, true]) {
    expect(judged({ ...rst, flags: [...rst.flags], clientMet: 'rst', finSent })).toEqual([]);
    expect(judged({ ...fin, flags: [...fin.flags], clientMet: 'fin', finSent })).toEqual([]);
    expect(judged({ ...rst, flags: [...rst.flags], clientMet: 'fin', finSent })).toHaveLength(1);
    expect(judged({ ...fin, flags: [...fin.flags], clientMet: 'rst', finSent })).toHaveLength(1);
  }
});
