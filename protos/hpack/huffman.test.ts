import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorEos, errorPadding, huffmanDecode, huffmanEncode } from './huffman.ts';
import { codeLengths, codes } from './huffman-code.ts';

const decode = (bytes: Uint8Array) => {
  const output = Buffer.alloc(bytes.length * 2);
  const written = huffmanDecode(bytes, 0, bytes.length, output);
  return written < 0 ? written : output.toString('latin1', 0, written);
};

// RFC 7541 appendix B, samples of every region of the table.
const published: [symbol: number, code: number, length: number][] = [
  [0, 0x1ff8, 13],
  [1, 0x7fffd8, 23],
  [10, 0x3ffffffc, 30],
  [32, 0x14, 6],
  [48, 0x0, 5],
  [92, 0x7fff0, 19],
  [97, 0x3, 5],
  [122, 0x7b, 7],
  [127, 0xffffffc, 28],
  [128, 0xfffe6, 20],
  [199, 0x1ffffec, 25],
  [249, 0xffffffe, 28],
  [255, 0x3ffffee, 26],
  [256, 0x3fffffff, 30],
];
for (const [symbol, code, length] of published) {
  test(`symbol ${symbol} has the code of RFC 7541 appendix B`, () => {
    expect([codes[symbol], codeLengths[symbol]]).toEqual([code, length]);
  });
}

test('the code is complete: no half byte leads nowhere', () => {
  expect(codeLengths.reduce((sum, length) => sum + 2 ** -length, 0)).toBe(1);
});

test('appendix C.4.1 and C.6.1 strings', () => {
  expect(huffmanEncode(Buffer.from('www.example.com')).toString('hex')).toBe('f1e3c2e5f23a6ba0ab90f4ff');
  expect(decode(Buffer.from('9d29ad171863c78f0b97c8e9ae82ae43d3', 'hex'))).toBe('https://www.example.com');
});

test('any bytes come back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(decode(huffmanEncode(bytes))).toBe(Buffer.from(bytes).toString('latin1'));
    }),
  );
});

test('padding: up to seven ones pass, eight do not, zeros do not, EOS never', () => {
  expect(decode(Buffer.of(0b00000_111))).toBe('0');
  expect(decode(Buffer.of(0b00000_111, 0xff))).toBe(errorPadding);
  expect(decode(Buffer.of(0b00000_000))).toBe(errorPadding);
  expect(decode(Buffer.of(0xff))).toBe(errorPadding);
  expect(decode(Buffer.of(0xff, 0xff, 0xff, 0xff))).toBe(errorEos);
});
