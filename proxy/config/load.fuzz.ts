import { atMost, type FuzzTarget, holds, joined, only } from '../../protos/testing/fuzz-target.ts';
import { exampleConfig } from './example.ts';
import { keys } from './keys.ts';
import { parseConfig } from './load.ts';
import { ConfigError } from './problems.ts';

const file = 'fuzz.yaml';
const plain = `listeners:
  - name: a
    listen: "127.0.0.1:0"
    upstream: {addr: "127.0.0.1:1", tls: false}
`;

export const targets: FuzzTarget[] = [
  {
    name: 'config-file',
    about: 'the configuration of the proxy: a value, or every problem with its place',
    grammar: 'text',
    sides: ['file'],
    cuts: false,
    share: 3,
    words: [
      ...Object.values(keys).flat(),
      '<<: *a',
      '&a ',
      '*a',
      '!!binary ',
      '!!set ',
      '? ',
      '- ',
      '{}',
      '[]',
      'null',
      'true',
      '.inf',
      '.nan',
      '0x7f',
      '1e999',
      '"\\u0000"',
      '|\n',
      '---\n',
      '%YAML 1.1\n',
      '...\n',
      '\t',
      'auto',
      '10.0.0.0/33',
      '"[::1]:0"',
      '__proto__',
    ],
    seeds: () => [
      only(plain),
      only(`base: &a\n  name: b\n${plain}    <<: *a\n`),
      only(
        plain.replace('upstream:', 'policy: {allowlist: ["10.0.0.0/8"], idle_timeout: 1.5}\n    upstream:'),
      ),
      only(plain.replace('upstream:', 'proxy_protocol: {mode: off, trusted: [::1]}\n    upstream:')),
      only(plain.replace('upstream:', 'logging: {redact_headers: [a], sample_rate: 0.5}\n    upstream:')),
      only(exampleConfig.replaceAll(/^ *#.*\n/gm, '')),
      only(''),
      only('listeners: [&x {name: *x}]\n'),
      only('listeners: [&x {<<: *x, name: a}]\n'),
    ],
    run(steps) {
      const source = joined(steps);
      try {
        const { listeners, ...rest } = parseConfig(file, source);
        atMost('listeners', listeners.length, source.length);
        for (const { name, port } of listeners) {
          holds(name !== '', 'a listener has a name');
          holds(Number.isInteger(port) && port >= 0 && port <= 65_535, 'a port is one');
        }
        return {
          ...rest,
          hash: null,
          listeners: listeners.map(({ tls, upstream: _, ...plainly }) => ({ ...plainly, tls: tls !== null })),
        };
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        for (const problem of error.problems)
          holds(/^fuzz\.yaml:[1-9]\d*:[1-9]\d*: ./.test(problem), `a problem has its place: ${problem}`);
        return { problems: error.problems };
      }
    },
  },
];
