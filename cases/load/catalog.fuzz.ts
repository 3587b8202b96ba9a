import { atMost, type FuzzTarget, holds, joined, only } from '../../protos/testing/fuzz-target.ts';
import { UsageError } from '../exit-codes.ts';
import { expandSources } from './catalog.ts';

const plain = `area: fuzz
defaults:
  listener: {tls: false}
  upstream: {kind: http}
cases:
  - tid: a_case
    title: a case
    matrix: {proto: [h1, h2], n: [{name: one, v: 1}]}
    exclude: [{proto: h2}]
    client: {proto: "\${proto}", request: {path: "/\${n.v}"}}
    expect:
      client: {outcome: ok, exchanges: [{status: 200}]}
      records:
        - {kind: conn, phase: closed, as: end}
        - {kind: event, before: end, path: {$regex: "^/"}}
`;

export const targets: FuzzTarget[] = [
  {
    name: 'case-file',
    about: 'a file of cases: the cases, or every mistake with its place',
    grammar: 'text',
    sides: ['file'],
    cuts: false,
    share: 3,
    words: [
      'defaults: ',
      'cases: ',
      'matrix: ',
      'exclude: ',
      'tidFormat: ',
      'clients: ',
      'expect: ',
      'records: ',
      'never: ',
      'server: ',
      'observations: ',
      'isolate: true',
      'upstream: refused',
      'fault: {id: x}',
      'tid: ',
      '$' + '{proto}',
      '$' + '{n.v.x}',
      '$regex',
      '$gt',
      '$all',
      '$not',
      '$ref',
      '$each',
      '&a ',
      '*a',
      '<<: *a',
      '? ',
      '- ',
      '{}',
      '[]',
      'null',
      '.nan',
      '!!set ',
      '!!binary ',
      '---\n',
      '%YAML 1.1\n',
      '__proto__: ',
      'constructor: ',
      '"["',
    ],
    seeds: () => [
      only(plain),
      only(plain.replace('client: {', 'clients: [{name: b, ').replace('}"}}', '}"}}]')),
      only(plain.replace('records:', 'never: [{kind: h2ctl}]\n      exhaustive: [conn]\n      records:')),
      only(plain.replace('- tid', '- &a\n    tid').concat('  - <<: *a\n    tid: b_case\n')),
      only('cases: []\n'),
      only(''),
    ],
    run(steps) {
      const text = joined(steps).toString('utf8');
      try {
        const cases = expandSources([{ path: '/fuzz/area/case.yaml', text }]);
        atMost('cases', cases.length, text.length);
        for (const { tid, line } of cases) holds(tid !== '' && line >= 1, 'a case has a name and a place');
        return cases.map(({ file: _, ...instance }) => instance);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        const mistakes = error.message.split(/\n(?=\S*case\.yaml:)/);
        for (const mistake of mistakes)
          holds(/^\S*case\.yaml:[1-9]\d*:[1-9]\d*: /.test(mistake), `a mistake has its place: ${mistake}`);
        return { mistakes: mistakes.map((mistake) => mistake.replace(/^\S*case\.yaml/, '')) };
      }
    },
  },
];
