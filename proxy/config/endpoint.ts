import { parseAddress } from './address.ts';
import { complain, type Section } from './section.ts';
import { readList, readRequiredText } from './values.ts';

export const defaultAlpn = ['h2', 'http/1.1'];

/** Reads `host:port`; on a problem an address nobody will use, since the whole configuration is then refused. */
export function readAddress(
  section: Section,
  key: string,
  lowestPort: 0 | 1,
): { host: string; port: number; text: string } {
  const text = readRequiredText(section, key, '127.0.0.1:9100');
  if (text === '') return { host: '', port: 0, text };
  const address = parseAddress(text, lowestPort);
  if (typeof address !== 'string') return { ...address, text };
  complain(section, key, address);
  return { host: '', port: 0, text };
}

/** ALPN names in the order of preference. */
export function readAlpn(section: Section): string[] | null {
  const entries = readList(section, 'alpn');
  for (const { text, offset } of entries ?? []) {
    // RFC 7301 3.1: a protocol name is 1 to 255 bytes.
    if (Buffer.byteLength(text) > 255) {
      section.problems.add(offset, 'an ALPN protocol name is at most 255 bytes long');
    }
  }
  return entries?.map(({ text }) => text) ?? null;
}
