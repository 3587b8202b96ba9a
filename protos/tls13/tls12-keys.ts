import { createHmac } from 'node:crypto';
import type { CipherSuite } from './cipher-suites.ts';

export type Tls12Keys = {
  master: Buffer;
  client: { key: Buffer; iv: Buffer };
  server: { key: Buffer; iv: Buffer };
};

/** RFC 5246 8.1 and 6.3 for an AEAD suite (no MAC keys, 4 byte implicit nonces of RFC 5288 3). */
export function tls12Keys(
  suite: CipherSuite,
  sharedSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Tls12Keys {
  const master = prf(
    suite.hash,
    sharedSecret,
    'master secret',
    Buffer.concat([clientRandom, serverRandom]),
    48,
  );
  const block = prf(
    suite.hash,
    master,
    'key expansion',
    Buffer.concat([serverRandom, clientRandom]),
    2 * suite.keyBytes + 8,
  );
  const ivs = 2 * suite.keyBytes;
  return {
    master,
    client: { key: block.subarray(0, suite.keyBytes), iv: block.subarray(ivs, ivs + 4) },
    server: { key: block.subarray(suite.keyBytes, ivs), iv: block.subarray(ivs + 4, ivs + 8) },
  };
}

/** RFC 5246 7.4.9: the 12 bytes of a Finished message. */
export function tls12VerifyData(
  suite: CipherSuite,
  master: Uint8Array,
  side: 'client' | 'server',
  transcriptHash: Uint8Array,
): Buffer {
  return prf(suite.hash, master, `${side} finished`, transcriptHash, 12);
}

/** RFC 5246 5. */
export function prf(
  hash: 'sha256' | 'sha384',
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Buffer {
  const labelled = Buffer.concat([Buffer.from(label), seed]);
  const blocks: Buffer[] = [];
  let a: Buffer = labelled;
  for (let have = 0; have < length; ) {
    a = createHmac(hash, secret).update(a).digest();
    const block = createHmac(hash, secret).update(a).update(labelled).digest();
    blocks.push(block);
    have += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}
