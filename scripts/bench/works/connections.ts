import { type Bench, scaled } from '../bench.ts';
import { type Load, load } from '../load/load.ts';
import type { Figure } from '../types.ts';
import { measureRelays } from './relays.ts';

export const title = 'new TLS connections, one 1 KiB GET over HTTP/2 each';
export const profiled = true;

export function measure(bench: Bench): Promise<Figure[]> {
  const count = scaled(400, bench.effort);
  const connections = (requests: number): Load => ({
    protocol: 'h2',
    path: '/small',
    requests,
    connections: requests,
    streamsPerConnection: 1,
  });
  return measureRelays(bench, {
    work: 'connections',
    stack: 'h2',
    withWorkers: true,
    units: count,
    rate: { unit: 'connections/s', perUnit: 1 },
    cpu: { unit: 'ms/connection', perSecond: 1e3 },
    warmUp: (port) => load(connections(300), port),
    run: (port) => load(connections(count), port),
  });
}
