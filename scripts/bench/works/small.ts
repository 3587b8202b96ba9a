import { type Bench, scaled } from '../bench.ts';
import { type Load, load } from '../load/load.ts';
import type { Figure } from '../types.ts';
import { measureRelays } from './relays.ts';

export const title = '1 KiB GET over HTTP/2, 20 connections x 10 streams';
export const profiled = true;

export const smallLoad = (requests: number): Load => ({
  protocol: 'h2',
  path: '/small',
  requests,
  connections: 20,
  streamsPerConnection: 10,
});

/** Fewer, and V8's compiler is what is measured: a request then costs twice as much. */
export const warmRequests = 60_000;

export function measure(bench: Bench): Promise<Figure[]> {
  // With fewer, the handshakes of the connections would show in the cost of a request.
  const requests = Math.max(30_000, scaled(60_000, bench.effort));
  return measureRelays(bench, {
    work: 'small',
    stack: 'h2',
    withWorkers: true,
    units: requests,
    rate: { unit: 'requests/s', perUnit: 1 },
    cpu: { unit: 'us/request', perSecond: 1e6 },
    warmUp: (port) => load(smallLoad(warmRequests), port),
    run: (port) => load(smallLoad(requests), port),
  });
}
