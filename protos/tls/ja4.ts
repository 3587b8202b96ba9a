import { createHash } from 'node:crypto';
import { type ClientHello, extensionIds } from './client-hello.ts';
import { withoutGrease } from './grease.ts';

export type Ja4Input = Pick<
  ClientHello,
  'legacyVersion' | 'supportedVersions' | 'ciphers' | 'extensions' | 'alpn' | 'signatureAlgorithms'
>;

/** Hashed and raw (`r`), sorted and in original order (`o`). */
export type Ja4Forms = { ja4: string; ja4_r: string; ja4_o: string; ja4_ro: string };

const versionTokens: Readonly<Record<number, string>> = {
  772: '13',
  771: '12',
  770: '11',
  769: '10',
  768: 's3',
  2: 's2',
  65279: 'd1',
  65277: 'd2',
  65276: 'd3',
};

/** JA4 of a hello over TCP, after FoxIO's technical_details/JA4.md. */
export function ja4(hello: Ja4Input): Ja4Forms {
  const ciphers = withoutGrease(hello.ciphers).map(hex4);
  const extensions = withoutGrease(hello.extensions);
  const signatures = withoutGrease(hello.signatureAlgorithms).map(hex4);
  const original = extensions.map(hex4);
  const sorted = extensions
    .filter((id) => id !== extensionIds.serverName && id !== extensionIds.alpn)
    .map(hex4)
    .sort();
  const a = [
    't',
    versionToken(hello),
    extensions.includes(extensionIds.serverName) ? 'd' : 'i',
    twoDigits(ciphers.length),
    twoDigits(extensions.length),
    alpnToken(hello.alpn[0]),
  ].join('');
  // The reference tests give zeros to both forms when nothing but SNI and ALPN is there.
  const empty = sorted.length === 0;
  const sortedForm = parts(a, [...ciphers].sort(), sorted, signatures, empty);
  const originalForm = parts(a, ciphers, original, signatures, empty);
  return {
    ja4: sortedForm.hashed,
    ja4_r: sortedForm.raw,
    ja4_o: originalForm.hashed,
    ja4_ro: originalForm.raw,
  };
}

function parts(a: string, ciphers: string[], extensions: string[], signatures: string[], empty: boolean) {
  const b = ciphers.join(',');
  const c = [extensions.join(','), ...(signatures.length > 0 ? [signatures.join(',')] : [])].join('_');
  return {
    raw: `${a}_${b}_${c}`,
    hashed: `${a}_${hash12(b)}_${empty ? EMPTY_HASH : hash12(c)}`,
  };
}

const EMPTY_HASH = '000000000000';

function hash12(text: string): string {
  return text === '' ? EMPTY_HASH : createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function versionToken(hello: Ja4Input): string {
  const offered = withoutGrease(hello.supportedVersions);
  const version = offered.length > 0 ? Math.max(...offered) : hello.legacyVersion;
  return versionTokens[version] ?? '00';
}

/** First and last character of the first protocol; of its hex digits when either is not a letter or digit. */
function alpnToken(protocol: string | undefined): string {
  if (protocol === undefined || protocol === '') return '00';
  const isPlain = (text: string) => /^[0-9A-Za-z]$/.test(text);
  const ends = (text: string) => `${text[0]}${text.at(-1)}`;
  const plain = isPlain(protocol[0]!) && isPlain(protocol.at(-1)!);
  return ends(plain ? protocol : Buffer.from(protocol, 'latin1').toString('hex'));
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, '0');
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}
