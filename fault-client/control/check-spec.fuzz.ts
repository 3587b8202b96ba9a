// Loaded when a first wrong parameter wants words: a cost of the program, not of one input.
import 'typebox/value';
import { type FuzzTarget, holds, joined, only } from '../../protos/testing/fuzz-target.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { faults } from '../faults/registry.ts';
import { checkSpec } from './check-spec.ts';

const certificates: Certificates = {
  get(name) {
    if (name !== 'ca' && name !== 'client') throw new Error(`no certificate "${name}"`);
    return { cert: '', key: '' };
  },
  add: () => {},
};

export const targets: FuzzTarget[] = [
  {
    name: 'client-spec',
    about: 'what a run of the fault-client is asked to do, as JSON',
    grammar: 'text',
    sides: ['spec'],
    cuts: false,
    words: [
      'null',
      'true',
      '0',
      '-1',
      '1e999',
      '""',
      '[]',
      '{}',
      '"fault":',
      '"params":',
      '"only":',
      '"tls":',
      '"proxyHeader":',
      '"grpc":',
      '"bind":',
      '"id":',
      '"__proto__":',
      '"raw"',
      '"h2"',
    ],
    seeds: () =>
      [
        {
          target: '127.0.0.1:1',
          proto: 'h1',
          mode: 'chat',
          cycles: 2,
          tls: { cert: 'client', minVersion: 'TLSv1.3' },
        },
        { target: '[::1]:1', proto: 'raw', fault: { id: faults[0]!.id, params: {}, only: { first: 1 } } },
        { target: 'h:1', proto: 'grpc', grpc: { call: 'say_hello' }, bind: '127.0.0.2' },
        {
          target: 'h:1',
          proto: 'h2',
          proxyHeader: { version: 'v2', tlvs: [{ type: 1, value_hex: 'ab' }], crc32c: true },
        },
        { target: 'h:1', proto: 'h2', proxyHeader: { version: 'v1', src: '[::1]:5', dst: '[::2]:6' } },
      ].map((spec) => only(JSON.stringify(spec))),
    run(steps) {
      let spec: unknown;
      try {
        spec = JSON.parse(joined(steps).toString('utf8'));
      } catch {
        return 'not JSON';
      }
      try {
        checkSpec(spec, certificates);
        return 'accepted';
      } catch (error) {
        // Refusing is its task; falling over the shape of what was asked is not.
        const refused = error instanceof Error && !/^(?:Type|Range|Reference|Syntax)Error$/.test(error.name);
        if (!refused) throw error;
        holds(error.message !== '', 'a refusal has words');
        return error.message;
      }
    },
  },
];
