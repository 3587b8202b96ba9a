import { codeLengths, codes, endOfString } from './huffman-code.ts';

/** Why a Huffman string is malformed (RFC 7541 section 5.2). */
export type HuffmanError = 'huffman_eos' | 'huffman_padding';

/** Bytes `text` takes when Huffman coded. */
export function huffmanLength(text: Uint8Array): number {
  let bits = 0;
  for (const symbol of text) bits += codeLengths[symbol]!;
  return (bits + 7) >> 3;
}

export function huffmanEncode(text: Uint8Array): Buffer {
  const out = Buffer.alloc(huffmanLength(text));
  let at = 0;
  let bits = 0;
  let pending = 0;
  for (const symbol of text) {
    // A code has up to 30 bits and up to 7 are pending: 37 bits, so arithmetic instead of 32-bit shifts.
    pending = pending * 2 ** codeLengths[symbol]! + codes[symbol]!;
    bits += codeLengths[symbol]!;
    while (bits >= 8) {
      bits -= 8;
      const byte = Math.floor(pending / 2 ** bits);
      out[at++] = byte;
      pending -= byte * 2 ** bits;
    }
  }
  // Padded with the most significant bits of EOS: ones.
  if (bits > 0) out[at] = (pending << (8 - bits)) | (0xff >> bits);
  return out;
}

/**
 * Decode `input[start, end)` into `output` from 0; `output` must hold 8/5 of the input, as the shortest code has 5 bits.
 * Returns the number of bytes written, or `errorEos` or `errorPadding`. A state machine over half bytes: a half byte ends
 * at most one symbol, and its table of 16 KiB stays in the nearest cache.
 */
export function huffmanDecode(input: Uint8Array, start: number, end: number, output: Uint8Array): number {
  let state = 0;
  let written = 0;
  for (let at = start; at < end; at++) {
    const byte = input[at]!;
    const first = steps[(state << 4) | (byte >> 4)]!;
    if ((first & emits) !== 0) output[written++] = first & 0xff;
    const second = steps[(((first >> stateShift) & stateMask) << 4) | (byte & 15)]!;
    if ((second & emits) !== 0) output[written++] = second & 0xff;
    if (((first | second) & fails) !== 0) return errorEos;
    state = (second >> stateShift) & stateMask;
  }
  return accepts[state] === 1 ? written : errorPadding;
}

export const errorEos = -1;
export const errorPadding = -2;

const emits = 1 << 8;
const fails = 1 << 9;
const stateShift = 10;
const stateMask = 0xff;

type Node = { zero: Node | number | null; one: Node | number | null; id: number; onesDepth: number };

const { steps, accepts } = machine();

/** States are the inner nodes of the code tree: 256 of them for 257 symbols. */
function machine(): { steps: Int32Array; accepts: Uint8Array } {
  const nodes: Node[] = [];
  const root = inner(nodes, 0);
  for (let symbol = 0; symbol <= endOfString; symbol++) insert(nodes, root, symbol);
  const stepTable = new Int32Array(nodes.length * 16);
  for (const node of nodes) {
    for (let nibble = 0; nibble < 16; nibble++) stepTable[(node.id << 4) | nibble] = step(root, node, nibble);
  }
  // Padding is at most 7 bits, all ones: the path from the root to where the string stops.
  const acceptTable = Uint8Array.from(nodes, (node) => (node.onesDepth >= 0 && node.onesDepth <= 7 ? 1 : 0));
  return { steps: stepTable, accepts: acceptTable };
}

function insert(nodes: Node[], root: Node, symbol: number): void {
  let node = root;
  for (let bit = codeLengths[symbol]! - 1; bit > 0; bit--) {
    const side = (codes[symbol]! >>> bit) & 1 ? 'one' : 'zero';
    node[side] ??= inner(nodes, side === 'one' && node.onesDepth >= 0 ? node.onesDepth + 1 : -1);
    node = node[side] as Node;
  }
  node[codes[symbol]! & 1 ? 'one' : 'zero'] = symbol;
}

function inner(nodes: Node[], onesDepth: number): Node {
  const node: Node = { zero: null, one: null, id: nodes.length, onesDepth };
  nodes.push(node);
  return node;
}

function step(root: Node, from: Node, nibble: number): number {
  let node = from;
  let emitted = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const next = (nibble >> bit) & 1 ? node.one : node.zero;
    if (next === endOfString) return fails;
    if (typeof next === 'number') {
      emitted = emits | next;
      node = root;
    } else node = next!;
  }
  return emitted | (node.id << stateShift);
}
