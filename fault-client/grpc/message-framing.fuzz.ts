import { atMost, type FuzzTarget, only, type Step } from '../../protos/testing/fuzz-target.ts';
import { FramingError, frameMessage, MessageReader } from './message-framing.ts';

export const targets: FuzzTarget[] = (['identity', 'gzip'] as const).map((encoding) => ({
  name: `grpc-answers-${encoding}`,
  about: `gRPC messages as the fault-client reads them, grpc-encoding ${encoding}`,
  grammar: 'lengths',
  sides: ['server'],
  cuts: true,
  keepsChunks: true,
  copiedBytes: (bytes: number) => 512 * bytes + (8 << 20),
  seeds: () => [
    only(Buffer.concat([frameMessage(Buffer.from('abc'), false), frameMessage(Buffer.alloc(0), false)])),
    only(frameMessage(Buffer.from('abc'.repeat(20)), true)),
    only(Buffer.from('02000000016100ffffffff', 'hex')),
  ],
  run(steps: Iterable<Step>) {
    const reader = new MessageReader();
    reader.encoding = encoding;
    const read: unknown[] = [];
    let status: number | null = null;
    let bytes = 0;
    for (const { bytes: chunk } of steps) {
      bytes += chunk.length;
      if (status !== null) continue;
      try {
        for (const message of reader.push(chunk))
          read.push({ ...message, bytes: message.bytes.toString('hex') });
      } catch (error) {
        if (!(error instanceof FramingError)) throw error;
        status = error.status;
      }
    }
    atMost('messages', read.length, bytes / 5);
    return { read, status, pending: status === null ? reader.pendingBytes : null };
  },
}));
