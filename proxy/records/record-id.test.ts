import { expect, test } from 'vitest';
import { recordId } from './record-id.ts';

test('version 4 UUIDs, none twice', () => {
  const ids = Array.from({ length: 2000 }, recordId);
  expect(new Set(ids).size).toBe(ids.length);
  // RFC 9562 sections 4.1 and 4.2: the variant and version digits.
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  // Every other digit is random: over 2000 ids each takes every value.
  for (const digit of [0, 7, 9, 15, 20, 35]) expect(new Set(ids.map((id) => id[digit])).size).toBe(16);
});
