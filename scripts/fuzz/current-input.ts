import type { Step } from '../../protos/testing/fuzz-target.ts';

/**
 * The input a thread has in hand, in memory that another thread reads: one that hangs can tell nothing any more. A counter in
 * front rises with every input.
 */
export const currentInputBytes = 256 << 10;

export function writeCurrent(memory: SharedArrayBuffer, steps: readonly Step[]): void {
  const bytes = Buffer.from(memory, 8);
  let at = 4;
  let count = 0;
  for (const step of steps) {
    if (at + 5 + step.bytes.length > bytes.length) break;
    bytes[at] = step.from;
    bytes.writeUInt32BE(step.bytes.length, at + 1);
    bytes.set(step.bytes, at + 5);
    at += 5 + step.bytes.length;
    count++;
  }
  bytes.writeUInt32BE(count, 0);
  Atomics.add(new Int32Array(memory, 0, 1), 0, 1);
}

export function readCurrent(memory: SharedArrayBuffer): { counter: number; steps: Step[] } {
  const counter = Atomics.load(new Int32Array(memory, 0, 1), 0);
  const bytes = Buffer.from(memory, 8);
  const steps: Step[] = [];
  let at = 4;
  for (let left = bytes.readUInt32BE(0); left > 0; left--) {
    const length = bytes.readUInt32BE(at + 1);
    steps.push({ from: bytes[at] as 0 | 1, bytes: Buffer.from(bytes.subarray(at + 5, at + 5 + length)) });
    at += 5 + length;
  }
  return { counter, steps };
}
