import { MessageCounter } from '../../protos/grpc/framing.ts';
import { type FuzzTarget, holds, only } from '../../protos/testing/fuzz-target.ts';
import { MessageCount } from './message-count.ts';

export const targets: FuzzTarget[] = [
  {
    name: 'grpc-count',
    about: 'gRPC messages as the fault-server counts them, beside another count',
    grammar: 'lengths',
    sides: ['client'],
    cuts: true,
    seeds: () => [only(Buffer.from('00000000026162010000000000ffffffff', 'hex'))],
    run(steps) {
      const count = new MessageCount();
      const other = new MessageCounter();
      let compressed = 0;
      count.onPrefix = (flag) => {
        if (flag) compressed++;
      };
      for (const { bytes } of steps) {
        count.add(bytes);
        other.push(bytes);
      }
      holds(count.messages === other.messages, 'two counts agree');
      return { messages: count.messages, compressed };
    },
  },
];
