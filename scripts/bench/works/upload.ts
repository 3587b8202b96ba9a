import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, scaled } from '../bench.ts';
import { type Load, load } from '../load/load.ts';
import { largeBytes } from '../sizes.ts';
import type { Figure } from '../types.ts';
import { measureRelays } from './relays.ts';

export const title = '10 MiB POST over HTTP/2, 4 connections';
export const profiled = true;

export function measure(bench: Bench): Promise<Figure[]> {
  const file = join(bench.folder, 'upload');
  writeFileSync(file, Buffer.alloc(largeBytes, 'u'));
  const requests = Math.max(8, scaled(30, bench.effort));
  const upload = (count: number): Load => ({
    protocol: 'h2',
    path: '/small',
    requests: count,
    connections: 4,
    streamsPerConnection: 1,
    body: { file, bytes: largeBytes },
  });
  return measureRelays(bench, {
    work: 'upload',
    stack: 'h2',
    units: requests,
    rate: { unit: 'MB/s', perUnit: largeBytes / 1e6 },
    cpu: { unit: 'ms/10 MiB', perSecond: 1e3 },
    warmUp: (port) => load(upload(16), port),
    run: (port) => load(upload(requests), port),
  });
}
