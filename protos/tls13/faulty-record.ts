import { contentType, type RecordProtection } from './record-protection.ts';

/** Of one record: its last byte flipped, never sent, sent twice, sent behind its successor, cut by FIN. */
export const recordFaults = ['corrupt', 'drop', 'duplicate', 'reorder', 'truncate'] as const;
export type RecordFault = (typeof recordFaults)[number];

/**
 * The bytes to send for one record of application data that goes wrong. All but the corrupt and the cut one are empty, so
 * that nothing but the sequence of records is at fault. The end that makes `truncate` one is the sender's to give.
 */
export function faultyRecord(writer: RecordProtection, how: RecordFault): Buffer {
  const seal = (text: string): Buffer => writer.seal(contentType.applicationData, Buffer.from(text));
  switch (how) {
    case 'corrupt': {
      const record = seal('corrupted');
      record.writeUInt8(record.readUInt8(record.length - 1) ^ 0xff, record.length - 1);
      return record;
    }
    case 'drop':
      seal('');
      return seal('');
    case 'duplicate': {
      const record = seal('');
      return Buffer.concat([record, record]);
    }
    case 'reorder': {
      const [first, second] = [seal(''), seal('')];
      return Buffer.concat([second, first]);
    }
    case 'truncate': {
      const record = seal('cut in half by the end of the stream');
      return record.subarray(0, record.length >> 1);
    }
  }
}
