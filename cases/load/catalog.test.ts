import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { ScenarioFile } from '../scenarios/scenario-shape.ts';
import { CaseFile, CaseShape } from './case-schema.ts';
import { expandSources } from './catalog.ts';

const good = `
defaults: { upstream: { kind: http }, tags: [smoke] }
cases:
  - tid: one
    title: First
    matrix: { proto: [h1, h2], size: [{ name: small, bytes: 1 }, { name: large, bytes: 9000 }] }
    exclude: [{ proto: h1, size: large }]
    client: { proto: '\${proto}', request: { path: '/\${size}', body: { bytes: '\${size.bytes}' } } }
    expect: { records: [{ kind: conn, event: close }] }
`;
const load = (text: string, name = 'proxying/a.yaml') =>
  expandSources([{ path: join(process.cwd(), name), text }]);
const mistakes = (text: string) => {
  try {
    load(text);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

test('a matrix expands to every combination that is not excluded, types kept', () => {
  const cases = load(good);
  expect(cases.map(({ tid }) => tid)).toEqual(['one.h1.small', 'one.h2.small', 'one.h2.large']);
  expect(cases[2]).toMatchObject({
    area: 'proxying',
    tags: ['smoke'],
    line: 4,
    upstream: { kind: 'http' },
    client: { proto: 'h2', request: { path: '/large', body: { bytes: 9000 } } },
  });
});

test('smoke tags the combinations it names, and a rule that names none is a mistake', () => {
  const tagged = (smoke: string) =>
    load(good.replace('    client:', `    smoke: ${smoke}\n    client:`).replace(', tags: [smoke]', ''))
      .filter(({ tags }) => tags.includes('smoke'))
      .map(({ tid }) => tid);
  expect(tagged('[{ proto: h2, size: large }]')).toEqual(['one.h2.large']);
  expect(tagged('[{ proto: h2 }]')).toEqual(['one.h2.small', 'one.h2.large']);
  expect(tagged('true')).toHaveLength(3);
  expect(tagged('[]')).toEqual([]);
  const wrong = (smoke: string) => mistakes(good.replace('    client:', `    smoke: ${smoke}\n    client:`));
  expect(wrong('[{ proto: h1, size: large }]')).toContain('names no combination of the matrix');
  expect(wrong('h1')).toContain('smoke is true or a list of combinations; write [{proto: h2}]');
});

test('every mistake has its place and what to write instead', () => {
  const text = `
defaults: { upstream: { kind: http } }
cases:
  - tid: Bad-Name
    title: First
    client: { proto: h3 }
    expect: { records: [] }
  - tid: two
    title: Second
    clinet: { proto: h1 }
    expect: { records: [{ kind: conn, event: { $foo: 1 }, after: nobody }] }
  - tid: three
    title: Third
    client: { proto: '\${porto}' }
    expect: { records: [{ kind: conn }] }
`;
  expect(mistakes(text)).toMatchInlineSnapshot(`
    "proxying/a.yaml:4:5: tid is "Bad-Name"; write text that matches ^[a-z0-9]+(_[a-z0-9]+)*$
    proxying/a.yaml:6:15: proto cannot be "h3"; write one of h1, h2, grpc, grpc_native, raw
    proxying/a.yaml:7:15: records is empty; write at least 1 record rule, also in a negative case (its conn close)
    proxying/a.yaml:8:5: unknown key clinet; write one of tid, title, tags, matrix, exclude, smoke, tidFormat, requires, isolate, resetsAtOnce, proxy, listener, upstream, client, twin, clients, direct, expect
    proxying/a.yaml:12:5: no matrix variable \${porto}; known: none"
  `);
});

test('a YAML error has its place', () => {
  expect(mistakes('cases:\n  - tid: a\n   title: b\n')).toMatch(/^proxying\/a\.yaml:3:1: /);
});

test('a TID is taken once', () => {
  const twice = good + good.slice(good.indexOf('  - tid'));
  expect(mistakes(twice)).toContain(
    'TID one.h1.small is already taken by proxying/a.yaml:4; choose another name',
  );
});

test.each([
  ['*gone', /^x\/case\.yaml:1:8: no anchor &gone stands before \*gone$/],
  ['[{[a]: b}]', /^x\/case\.yaml:1:10: a key is a map or a list; write text$/],
  ['&a [*a]', /^x\/case\.yaml:1:12: \*a stands inside its own anchor$/],
  [
    `[&a [1,1,1,1,1,1,1,1,1], ${[...'bcdefgh'].map((name) => `&${name} [${Array(9).fill(`*${String.fromCharCode(name.charCodeAt(0) - 1)}`)}]`).join(', ')}]`,
    /^x\/case\.yaml:1:1: aliases make more than 200000 values of this file; write fewer$/,
  ],
])('aliases and keys that cannot be meant have their place: %s', (value, message) => {
  expect(() => expandSources([{ path: 'x/case.yaml', text: `cases: ${value}\n` }])).toThrow(message);
});

test.each([
  ['CaseFile', CaseFile],
  ['CaseShape', CaseShape],
  ['ScenarioFile', ScenarioFile],
])('%s is a JSON Schema', (_name, shape) => {
  const ajv = new Ajv2020({ strict: false });
  expect([ajv.validateSchema(shape), ajv.errors ?? []]).toEqual([true, []]);
});
