/** Targets with a defect, for the tests of the fuzzer: no package has them. */
import { type FuzzTarget, joined, only } from '../../../protos/testing/fuzz-target.ts';

export const targets: FuzzTarget[] = [
  {
    name: 'throws',
    about: 'a throw where the first byte is not A',
    grammar: 'bytes',
    sides: ['peer'],
    cuts: true,
    seeds: () => [only('ABC')],
    run(steps) {
      const bytes = joined(steps);
      if (bytes.length > 0 && bytes[0] !== 0x41) throw new TypeError('no A');
      return bytes.length;
    },
  },
  {
    name: 'hangs',
    about: 'no end where a length is zero',
    grammar: 'bytes',
    sides: ['peer'],
    cuts: true,
    seeds: () => [only('\x01\x02\x03\x01')],
    run(steps) {
      const bytes = joined(steps);
      let at = 0;
      while (at < bytes.length) at += bytes[at]!;
      return at;
    },
  },
  {
    name: 'right',
    about: 'nothing to find',
    grammar: 'bytes',
    sides: ['peer'],
    cuts: true,
    seeds: () => [only('ABC')],
    run: (steps) => joined(steps).length,
  },
];
