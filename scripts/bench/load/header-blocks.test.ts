import { expect, test } from 'vitest';
import { HpackDecoder } from '../../../protos/hpack/decoder.ts';
import { variedTraffic } from './header-blocks.ts';

test('the traffic is the same every time, and no block is like the one before', () => {
  const traffic = variedTraffic(3, 50);
  expect(variedTraffic(3, 50)).toEqual(traffic);
  for (const blocks of traffic) {
    const decoder = new HpackDecoder();
    let last = '';
    for (const block of blocks) {
      const { error, fields } = decoder.decode(block);
      expect(error).toBeNull();
      expect(fields.length).toBeGreaterThanOrEqual(10);
      expect(JSON.stringify(fields)).not.toBe(last);
      last = JSON.stringify(fields);
    }
  }
});
