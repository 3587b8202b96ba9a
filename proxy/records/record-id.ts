import { randomFillSync } from 'node:crypto';

/**
 * A random UUID (RFC 9562 section 5.4), lower case. crypto.randomUUID joins twenty pieces into each; one native call for the
 * hex digits of 256 of them leaves five slices, a third of its time and of its garbage.
 */
export function recordId(): string {
  if (at === hex.length) refill();
  const start = at;
  at += 32;
  return (
    `${hex.slice(start, start + 8)}-${hex.slice(start + 8, start + 12)}-${hex.slice(start + 12, start + 16)}-` +
    `${hex.slice(start + 16, start + 20)}-${hex.slice(start + 20, start + 32)}`
  );
}

const random = Buffer.alloc(16 * 256);
let hex = '';
let at = 0;

function refill(): void {
  randomFillSync(random);
  for (let id = 0; id < random.length; id += 16) {
    random[id + 6] = (random[id + 6]! & 0x0f) | 0x40;
    random[id + 8] = (random[id + 8]! & 0x3f) | 0x80;
  }
  hex = random.toString('hex');
  at = 0;
}
