import { createHash } from 'node:crypto';
import type { ClientHello } from './client-hello.ts';
import { ja3Raw } from './ja3.ts';
import { ja4 } from './ja4.ts';

/** The `fingerprints` map of a `tls` record: keys of 1.50 first, then the ones appended. Every value is a string. */
export function fingerprintClientHello(hello: ClientHello): Record<string, string> {
  const ja3 = ja3Raw(hello);
  const ja4Forms = ja4(hello);
  return {
    ja3: createHash('md5').update(ja3).digest('hex'),
    ja3_raw: ja3,
    ja4: ja4Forms.ja4,
    ja4_raw: ja4Forms.ja4_r,
    ech_present: flag(hello.echLength !== null),
    ...(hello.echLength === null ? {} : { ech_len: String(hello.echLength) }),
    esni_legacy_present: flag(hello.esniLegacy),
    sni_ch: hello.sni ?? '',
    alpn_ch: hello.alpn[0] ?? '',
    ja4_r: ja4Forms.ja4_r,
    ja4_o: ja4Forms.ja4_o,
    ja4_ro: ja4Forms.ja4_ro,
    alpn_offered: hello.alpn.join(','),
  };
}

function flag(value: boolean): string {
  return value ? '1' : '0';
}
