import type { ConnectionRecord } from '../run/evidence.ts';
import type { Double } from './double.ts';

/** Proxies that are wrong as programs: what they do to their file, and how they end. */
export type SpecialDouble = Double & {
  /** By how much the numbering of the lines goes wrong from this record on. */
  skips?: (record: ConnectionRecord) => number;
  /** The proxy is killed when it has opened that many connections. */
  diesOnConnection?: number;
};

export const specialDoubles: SpecialDouble[] = [
  {
    name: 'sequence-gaps',
    lie: 'leaves a number out before each close record',
    standsFor: 'wiretracer 1.50: rows are lost when its ring buffer is full, and nothing tells',
    skips: (record) => (record.kind === 'conn' && record.event === 'close' ? 1 : 0),
  },
  {
    name: 'sequence-repeated',
    lie: 'gives each event the number of the line before it',
    standsFor: 'two threads that write one file',
    skips: (record) => (record.kind === 'event' ? -1 : 0),
  },
  {
    name: 'dies-on-third',
    lie: 'dies when it has opened its third connection',
    standsFor: 'a proxy that one peer can kill',
    diesOnConnection: 3,
  },
];
