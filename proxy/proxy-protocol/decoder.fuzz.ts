import { isIP } from 'node:net';
import { atMost, type FuzzTarget, holds, only, type Step } from '../../protos/testing/fuzz-target.ts';
import { createProxyHeaderDecoder, type DecoderResult, type ProxyHeader } from './decoder.ts';
import { invalid, valid } from './samples.fixture.ts';

/** Bytes of the longest header (4096 behind the fixed part). */
const longestHeader = 4112;

export const targets: FuzzTarget[] = (['auto', 'required'] as const).map((mode) => ({
  name: `proxy-header-${mode}`,
  about: `the PROXY header, v1 and v2, where it is ${mode}`,
  grammar: 'lengths',
  sides: ['client'],
  cuts: true,
  // Two readers take its chunks as they come from a socket, which gives each its own memory.
  keepsChunks: true,
  words: ['PROXY ', 'TCP4 ', 'TCP6 ', 'UNKNOWN', '127.0.0.1', '::1', '65536', '0443', '\r\n', '\r', '\n'],
  // A header is joined for each piece of it.
  copiedBytes: (bytes: number) => (64 + longestHeader) * Math.min(bytes, longestHeader) + 64 * bytes + 65_536,
  seeds: () =>
    [...valid.map(([, bytes]) => bytes), ...invalid.map(([, bytes]) => bytes)].map((bytes) => only(bytes)),
  run: (steps: Iterable<Step>) => {
    const decoder = createProxyHeaderDecoder(mode);
    let result: DecoderResult = { state: 'more' };
    let behind = '';
    let before = 0;
    for (const { bytes } of steps) {
      if (result.state !== 'more') {
        behind += bytes.toString('hex');
        continue;
      }
      before += bytes.length;
      result = decoder.push(bytes);
      if (result.state === 'more') atMost('bytes without a result', before, longestHeader);
    }
    const ended = result.state === 'more';
    if (ended) result = decoder.end();
    return told(result, ended, behind, before);
  },
}));

function told(result: DecoderResult, ended: boolean, behind: string, before: number): unknown {
  switch (result.state) {
    case 'more':
      throw new Error('does not hold: the end of the stream decides');
    case 'invalid':
      // The words show as much as had come with the byte that decided.
      return { ...result, error: result.error.replace(/(?<=the first bytes are ).*/s, ''), ended };
    case 'none':
      return { state: result.state, rest: result.rest.toString('hex') + behind, ended };
    case 'header': {
      const { raw, src, dst, tlvs } = result.header;
      holds(raw.length + result.rest.length === before, 'header and rest are what came');
      for (const end of [src, dst]) holds(end === null || isIP(end.ip) !== 0, 'an address is one');
      atMost('TLVs', tlvs.length, raw.length / 3);
      if (result.header.version === 'v2') isAsSpecified(result.header);
      const header = { ...result.header, raw: raw.toString('hex') };
      return { state: result.state, header, rest: result.rest.toString('hex') + behind, ended };
    }
  }
}

/** Section 2.2 once more, in few lines: what a v2 header holds is its fixed part, its addresses and its TLVs. */
function isAsSpecified({ raw, command, tlvs }: ProxyHeader): void {
  const [family, transport] = [raw[13]! >> 4, raw[13]! & 15];
  holds(
    raw[12]! >> 4 === 2 && (raw[12]! & 15) <= 1 && family <= 3 && transport <= 2,
    'the fixed part is one',
  );
  holds(raw.length === 16 + raw.readUInt16BE(14), 'the length is that of the header');
  if (command === 'LOCAL') return;
  let at = 16 + [0, 12, 36, 216][family]!;
  for (const { type, valueHex } of tlvs) {
    holds(raw[at] === type && raw.readUInt16BE(at + 1) * 2 === valueHex.length, 'a TLV is the one that came');
    at += 3 + valueHex.length / 2;
  }
  holds(at === raw.length, 'addresses and TLVs fill the header');
}
