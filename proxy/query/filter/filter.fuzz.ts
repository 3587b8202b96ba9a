import { type FuzzTarget, holds, joined, only } from '../../../protos/testing/fuzz-target.ts';
import { fieldNames } from './fields.ts';
import { createFilter } from './filter.ts';
import { FilterError } from './filter-error.ts';

/** Of any version, its values unchecked: what a reader hands over. */
const records = [
  {
    kind: 'conn',
    conn_id: 'c',
    event: 'close',
    duration_ms: 12,
    flags: ['error'],
    client_ip: '10.1.2.3',
    client_port: 1,
  },
  {
    kind: 'event',
    protocol: 'http1',
    request: { method: 'GET', path: '/a', raw_headers: [['a', 'b']] },
    response: { status: 200 },
  },
  { kind: 'tls', side: 'in', outcome: 'fail', sni: 'a.test', fingerprints: { ja3: 'x' } },
  { kind: 'event', request: null, response: 7, flags: 'error', duration_ms: '12', tls: [] },
  { kind: 'x' },
];

export const targets: FuzzTarget[] = [
  {
    name: 'record-filter',
    about: 'a filter over records: what it decides, or its mistake and the column of it',
    grammar: 'text',
    sides: ['filter'],
    cuts: false,
    words: [
      ...fieldNames,
      '=',
      '!=',
      '~',
      '!~',
      '>',
      '<=',
      '^=',
      ' AND ',
      ' OR ',
      'NOT ',
      '-',
      '(',
      ')',
      ' in (',
      ',',
      '"',
      '\\',
      '10.0.0.0/8',
      '200',
      '1s',
      '5xx',
      'null',
      '*',
      '__proto__',
    ],
    seeds: () =>
      [
        '',
        'proto=tls outcome=fail client=10.0.0.0/8',
        'kind=conn AND NOT (duration>10ms OR flag=error)',
        'status>=200 -method=GET',
        'method in (GET, "POST")',
        'path~"^/a"',
        'word',
        '"a b"',
      ].map((text) => only(text)),
    run(steps) {
      const text = joined(steps).toString('utf8');
      try {
        const matches = createFilter(text);
        return records.map((record) => {
          const decided = matches(record);
          holds(typeof decided === 'boolean', 'a filter decides');
          return decided;
        });
      } catch (error) {
        if (!(error instanceof FilterError)) throw error;
        holds(error.column >= 1 && error.column <= text.length + 1, 'a mistake lies within the filter');
        return error.message.split('\n')[0];
      }
    },
  },
];
