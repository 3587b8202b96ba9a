import { type Bench, scaled } from '../bench.ts';
import { floodCalls, streamMessages, streamWarmMessages } from '../load/grpc.ts';
import type { Figure } from '../types.ts';
import { measureRelays } from './relays.ts';

export const title = '100-byte messages out and back on one gRPC stream';
export const profiled = true;

export function measure(bench: Bench): Promise<Figure[]> {
  const messages = Math.max(200_000, scaled(600_000, bench.effort));
  return measureRelays(bench, {
    work: 'stream',
    stack: 'grpc',
    units: messages,
    // The load warms itself up through the relay, which pays for that too.
    cpuUnits: messages + streamWarmMessages,
    rate: { unit: 'messages/s', perUnit: 1 },
    cpu: { unit: 'us/message', perSecond: 1e6 },
    warmUp: async (port) => {
      await floodCalls(port, 5000);
      await streamMessages(port, 100_000);
    },
    run: async (port) => (await streamMessages(port, messages)).seconds,
  });
}
