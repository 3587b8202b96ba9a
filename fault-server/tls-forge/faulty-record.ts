import { contentType } from '../../protos/tls13/record-protection.ts';
import type { ForgeSocket } from './forge-socket.ts';
import type { RecordFault } from './plan.ts';

/**
 * One record of application data that goes wrong. All but the corrupt and the cut one are empty, so that nothing but the
 * sequence of records is at fault.
 */
export function sendFaulty(io: ForgeSocket, how: RecordFault): void {
  const seal = (text: string): Buffer => io.writer!.seal(contentType.applicationData, Buffer.from(text));
  switch (how) {
    case 'corrupt': {
      const record = seal('corrupted');
      record.writeUInt8(record.readUInt8(record.length - 1) ^ 0xff, record.length - 1);
      io.sendRaw(record);
      break;
    }
    case 'drop':
      seal('');
      io.sendRaw(seal(''));
      break;
    case 'duplicate': {
      const record = seal('');
      io.sendRaw(Buffer.concat([record, record]));
      break;
    }
    case 'reorder': {
      const [first, second] = [seal(''), seal('')];
      io.sendRaw(Buffer.concat([second, first]));
      break;
    }
    case 'truncate': {
      const record = seal('cut in half by the end of the stream');
      io.sendRaw(record.subarray(0, record.length >> 1));
      io.end('fin_without_close_notify');
    }
  }
}
