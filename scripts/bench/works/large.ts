import { type Bench, scaled } from '../bench.ts';
import { type Load, load } from '../load/load.ts';
import { largeBytes } from '../sizes.ts';
import type { Figure } from '../types.ts';
import { measureRelays } from './relays.ts';

export const title = '10 MiB GET over HTTP/2, 4 connections';
export const profiled = true;

export function measure(bench: Bench): Promise<Figure[]> {
  const requests = Math.max(8, scaled(48, bench.effort));
  const large = (count: number): Load => ({
    protocol: 'h2',
    path: '/large',
    requests: count,
    connections: 4,
    streamsPerConnection: 1,
  });
  return measureRelays(bench, {
    work: 'large',
    stack: 'h2',
    withWorkers: true,
    units: requests,
    rate: { unit: 'MB/s', perUnit: largeBytes / 1e6 },
    cpu: { unit: 'ms/10 MiB', perSecond: 1e3 },
    warmUp: (port) => load(large(20), port),
    run: (port) => load(large(requests), port),
  });
}
