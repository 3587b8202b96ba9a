import { huffmanEncode } from './huffman.ts';

/** An integer after `pattern`, the bits above its prefix (RFC 7541 section 5.1). */
export function encodeInteger(value: number, prefixBits: number, pattern: number): Buffer {
  const mask = (1 << prefixBits) - 1;
  if (value < mask) return Buffer.of(pattern | value);
  const bytes = [pattern | mask];
  let rest = value - mask;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A string literal (RFC 7541 section 5.2). */
export function encodeString(text: Uint8Array, huffman: boolean): Buffer {
  const content = huffman ? huffmanEncode(text) : text;
  return Buffer.concat([encodeInteger(content.length, 7, huffman ? 0x80 : 0), content]);
}
