import { type Bench, scaled } from '../bench.ts';
import { type Load, load } from '../load/load.ts';
import type { Figure } from '../types.ts';
import { measureRelays } from './relays.ts';

export const title = '1 KiB GET over HTTP/1.1 keep-alive, 20 connections';
export const profiled = true;

export function measure(bench: Bench): Promise<Figure[]> {
  const count = Math.max(10_000, scaled(20_000, bench.effort));
  const gets = (requests: number): Load => ({
    protocol: 'http/1.1',
    path: '/small',
    requests,
    connections: 20,
    streamsPerConnection: 1,
  });
  return measureRelays(bench, {
    work: 'http1',
    stack: 'h1',
    units: count,
    rate: { unit: 'requests/s', perUnit: 1 },
    cpu: { unit: 'us/request', perSecond: 1e6 },
    warmUp: (port) => load(gets(30_000), port),
    run: (port) => load(gets(count), port),
  });
}
