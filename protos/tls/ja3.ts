import type { ClientHello } from './client-hello.ts';
import { withoutGrease } from './grease.ts';

/** The JA3 string (its MD5 is the JA3): legacy version, ciphers, extensions, groups, point formats, in decimal. */
export function ja3Raw(
  hello: Pick<ClientHello, 'legacyVersion' | 'ciphers' | 'extensions' | 'groups' | 'pointFormats'>,
): string {
  return [
    String(hello.legacyVersion),
    withoutGrease(hello.ciphers).join('-'),
    withoutGrease(hello.extensions).join('-'),
    withoutGrease(hello.groups).join('-'),
    hello.pointFormats.join('-'),
  ].join(',');
}
