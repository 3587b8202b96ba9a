import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProxyHeaderDecoder, type DecoderResult } from './decoder.ts';
import { hex, INET, invalid, SIGNATURE, text, v2, valid } from './samples.fixture.ts';

function decode(mode: 'auto' | 'required', ...chunks: Buffer[]): DecoderResult {
  const decoder = createProxyHeaderDecoder(mode);
  let result: DecoderResult = { state: 'more' };
  for (const [index, chunk] of chunks.entries()) {
    result = decoder.push(chunk);
    if (result.state === 'more') continue;
    const later = Buffer.concat(chunks.slice(index + 1));
    if (result.state === 'header' || result.state === 'none') {
      return { ...result, rest: Buffer.concat([result.rest, later]) };
    }
    return result;
  }
  return result;
}

const payload = text('\x16\x03\x01 whatever follows\r\n');

describe.each(['auto', 'required'] as const)('mode %s', (mode) => {
  it.each(valid)('accepts %s', (_id, bytes, expected) => {
    const result = decode(mode, Buffer.concat([bytes, payload]));
    if (result.state !== 'header') throw new Error(JSON.stringify(result));
    expect(result.header).toMatchObject(expected);
    expect(result.header.raw).toEqual(bytes);
    expect(result.rest).toEqual(payload);
    const alone = decode(mode, bytes);
    expect(alone).toEqual({ state: 'header', header: result.header, rest: Buffer.alloc(0) });
    // Every byte is needed.
    expect(decode(mode, bytes.subarray(0, -1))).toEqual({ state: 'more' });
  });

  it.each(invalid)('rejects %s', (_id, bytes, error) => {
    const cause = bytes[0] === 0x50 ? 'proxy_bad_v1' : 'proxy_bad_v2';
    const result = decode(mode, bytes);
    expect(result).toMatchObject({ state: 'invalid', cause });
    expect(result).toHaveProperty('error', expect.stringContaining(error));
  });

  it('gives the same result for any split', () => {
    const samples = [...valid, ...invalid].map(([, bytes]) => bytes);
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.integer({ min: 1, max: 24 }), { maxLength: 30 }),
        (bytes, sizes) => {
          const whole = Buffer.concat([bytes, payload]);
          expect(decode(mode, ...pieces(whole, sizes))).toEqual(decode(mode, whole));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('gives the same result byte by byte for every sample', () => {
    for (const [, bytes] of [...valid, ...invalid]) {
      const whole = Buffer.concat([bytes, payload]);
      expect(decode(mode, ...pieces(whole, Array(whole.length).fill(1)))).toEqual(decode(mode, whole));
    }
  });

  it('survives any bytes', () => {
    const start = fc.constantFrom(text('PROXY '), hex(SIGNATURE), hex(`${SIGNATURE}2111`), Buffer.alloc(0));
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), (prefix, bytes) => {
        const result = decode(mode, Buffer.concat([prefix, bytes]));
        expect(['more', 'none', 'header', 'invalid']).toContain(result.state);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what is no header', () => {
  const others = [
    'GET / HTTP/1.1',
    'PRI * HTTP/2.0',
    'POST /',
    'PUT /',
    'PATCH /',
    'PROPFIND /',
    'PROX ',
    '\x16\x03\x01',
    '\r\n\r\nG',
    'p',
    '\0',
  ];

  it.each(others)('auto: %j passes untouched', (start) => {
    const bytes = text(start);
    expect(decode('auto', bytes)).toEqual({ state: 'none', rest: bytes });
    expect(decode('auto', ...pieces(bytes, Array(bytes.length).fill(1)))).toEqual({
      state: 'none',
      rest: bytes,
    });
  });

  it.each(others)('required: %j is proxy_missing', (start) => {
    expect(decode('required', text(start))).toMatchObject({ state: 'invalid', cause: 'proxy_missing' });
  });

  it('auto: decides at the first byte that rules a header out', () => {
    const decide = (start: string) => createProxyHeaderDecoder('auto').push(text(start)).state;
    expect(decide('\x16')).toBe('none');
    expect(decide('G')).toBe('none');
    expect(decide('P')).toBe('more');
    expect(decide('PR')).toBe('more');
    expect(decide('PRI')).toBe('none');
    expect(decide('PO')).toBe('none');
    expect(decide('\r\n\r\n\0\r\nQUIT')).toBe('more');
    expect(decide('\r\n\r\n\0\r\nQUIX')).toBe('none');
  });

  it('pp2-sig-bitflip: a changed signature is no header', () => {
    for (let at = 0; at < 12; at++) {
      const bytes = v2('21', '11', INET);
      bytes[at]! ^= 0x40;
      expect(decode('auto', bytes).state).toBe('none');
      expect(decode('required', bytes)).toMatchObject({ cause: 'proxy_missing' });
    }
  });
});

describe('the peer ends', () => {
  const endAfter = (mode: 'auto' | 'required', bytes: Buffer) => {
    const decoder = createProxyHeaderDecoder(mode);
    if (bytes.length > 0) expect(decoder.push(bytes)).toEqual({ state: 'more' });
    return decoder.end();
  };

  it('before a byte', () => {
    expect(endAfter('auto', Buffer.alloc(0))).toEqual({ state: 'none', rest: Buffer.alloc(0) });
    expect(endAfter('required', Buffer.alloc(0))).toMatchObject({ state: 'invalid', cause: 'proxy_empty' });
  });

  it.each(['PROXY', 'PROXY TCP4 1.2.3.4', '\r\n\r\n\0', '\r\n\r\n\0\r\nQUIT\n\x21'])(
    'inside a header: %j',
    (start) => {
      for (const mode of ['auto', 'required'] as const) {
        expect(endAfter(mode, text(start))).toMatchObject({ state: 'invalid', cause: 'proxy_truncated' });
      }
    },
  );

  it.each(['P', 'PROX', '\r', '\r\n\r\n'])('where it may still be something else: %j', (start) => {
    expect(endAfter('auto', text(start))).toEqual({ state: 'none', rest: text(start) });
    expect(endAfter('required', text(start))).toMatchObject({ cause: 'proxy_truncated' });
  });
});

function pieces(bytes: Buffer, sizes: number[]): Buffer[] {
  const result: Buffer[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) break;
    result.push(bytes.subarray(at, at + size));
    at += size;
  }
  if (at < bytes.length) result.push(bytes.subarray(at));
  return result;
}
