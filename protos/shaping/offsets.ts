import type { Shape, Step } from './shape.ts';

/** Exactly `bytes` bytes, then this side ends the connection, `ms` later. */
export function limit(bytes: number, how: 'fin' | 'rst', ms: number): Shape {
  return atOffset(bytes, () => ({
    steps: [{ kind: 'end', how, paceMs: ms, says: `${how} after ${bytes} bytes` }],
    rest: drop,
  }));
}

/** Nothing behind `bytes` bytes for `ms`; then what was held back. 0: for ever. */
export function stall(bytes: number, ms: number): Shape {
  const says = `${ms === 0 ? 'silent' : `${ms} ms of silence`} after ${bytes} bytes`;
  return atOffset(bytes, (rest) => {
    if (ms === 0) return { steps: [{ kind: 'stall', says }], rest: drop };
    const held: Step = { kind: 'bytes', bytes: rest, paceMs: ms, says };
    return { steps: [held], rest: pass };
  });
}

/** The bits of `mask` flipped in the byte at `offset`. */
export function corrupt(offset: number, mask: number): Shape {
  return atOffset(offset, (rest) => {
    const damaged = Buffer.from(rest);
    damaged[0] = damaged[0]! ^ mask;
    const says = `byte ${offset}: ${hex(rest[0]!)} became ${hex(damaged[0]!)}`;
    return { steps: [{ kind: 'bytes', bytes: damaged, says }], rest: pass };
  });
}

/** `length` bytes from `offset` on, as far as they come in one chunk, twice. */
export function duplicate(offset: number, length: number): Shape {
  return atOffset(offset, (rest) => {
    const again = rest.subarray(0, length);
    const says = `${again.length} bytes from byte ${offset} on twice`;
    return { steps: [{ kind: 'bytes', bytes: Buffer.concat([again, rest]), says }], rest: pass };
  });
}

/** `length` bytes from `offset` on, as far as they come in one chunk, lost. */
export function lose(offset: number, length: number): Shape {
  return atOffset(offset, (rest) => {
    const lost = Math.min(length, rest.length);
    const says = `${lost} bytes from byte ${offset} on lost`;
    return { steps: [{ kind: 'bytes', bytes: rest.subarray(length), says }], rest: pass };
  });
}

type After = (chunk: Buffer) => Step[];

const pass: After = (bytes) => [{ kind: 'bytes', bytes }];

const drop: After = () => [];

/** Passes `offset` bytes; with the first byte behind them `reached` is asked once, and decides on all that follows. */
function atOffset(offset: number, reached: (rest: Buffer) => { steps: Step[]; rest: After }): Shape {
  let passed = 0;
  let after: After | null = null;
  return {
    push(chunk) {
      if (after !== null) return after(chunk);
      const before = chunk.subarray(0, offset - passed);
      const rest = chunk.subarray(before.length);
      passed += before.length;
      const steps = before.length > 0 ? pass(before) : [];
      if (rest.length === 0) return steps;
      const decided = reached(rest);
      after = decided.rest;
      return [...steps, ...decided.steps];
    },
  };
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
