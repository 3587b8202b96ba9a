import { createHash, createHmac } from 'node:crypto';
import { u16, vector8 } from './bytes.ts';

export type HashName = 'sha256' | 'sha384';

/** RFC 5869 2.2. */
export function hkdfExtract(hash: HashName, salt: Uint8Array, inputKey: Uint8Array): Buffer {
  return createHmac(hash, salt).update(inputKey).digest();
}

/** RFC 5869 2.3. */
export function hkdfExpand(hash: HashName, secret: Uint8Array, info: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  let block = Buffer.alloc(0);
  for (let have = 0, counter = 1; have < length; counter += 1) {
    block = createHmac(hash, secret)
      .update(block)
      .update(info)
      .update(Buffer.from([counter]))
      .digest();
    blocks.push(block);
    have += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** RFC 8446 7.1 HKDF-Expand-Label. */
export function expandLabel(
  hash: HashName,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Buffer {
  const info = Buffer.concat([u16(length), vector8(Buffer.from(`tls13 ${label}`)), vector8(context)]);
  return hkdfExpand(hash, secret, info, length);
}

export type HandshakeSecrets = { client: Buffer; server: Buffer; master: Buffer };

/** From the (EC)DHE secret and the transcript hash of ClientHello..ServerHello, no PSK (RFC 8446 7.1). */
export function handshakeSecrets(
  hash: HashName,
  sharedSecret: Uint8Array,
  helloHash: Uint8Array,
): HandshakeSecrets {
  const early = earlySecret(hash);
  const handshake = hkdfExtract(hash, derivedSecret(hash, early), sharedSecret);
  return {
    client: expandLabel(hash, handshake, 'c hs traffic', helloHash, helloHash.length),
    server: expandLabel(hash, handshake, 's hs traffic', helloHash, helloHash.length),
    master: hkdfExtract(hash, derivedSecret(hash, handshake), zeros(hash)),
  };
}

/** From the master secret and the transcript hash of ClientHello..server Finished. */
export function applicationSecrets(
  hash: HashName,
  master: Uint8Array,
  finishedHash: Uint8Array,
): { client: Buffer; server: Buffer } {
  return {
    client: expandLabel(hash, master, 'c ap traffic', finishedHash, finishedHash.length),
    server: expandLabel(hash, master, 's ap traffic', finishedHash, finishedHash.length),
  };
}

/** RFC 8446 7.2: the secret behind a KeyUpdate. */
export function nextTrafficSecret(hash: HashName, secret: Uint8Array): Buffer {
  return expandLabel(hash, secret, 'traffic upd', Buffer.alloc(0), secret.length);
}

/** RFC 8446 7.3. */
export function trafficKeys(
  hash: HashName,
  secret: Uint8Array,
  keyBytes: number,
): { key: Buffer; iv: Buffer } {
  const none = Buffer.alloc(0);
  return {
    key: expandLabel(hash, secret, 'key', none, keyBytes),
    iv: expandLabel(hash, secret, 'iv', none, 12),
  };
}

/** RFC 8446 4.4.4: the verify_data of a Finished message. */
export function finishedVerifyData(
  hash: HashName,
  trafficSecret: Uint8Array,
  transcriptHash: Uint8Array,
): Buffer {
  const key = expandLabel(hash, trafficSecret, 'finished', Buffer.alloc(0), transcriptHash.length);
  return createHmac(hash, key).update(transcriptHash).digest();
}

export function earlySecret(hash: HashName): Buffer {
  return hkdfExtract(hash, zeros(hash), zeros(hash));
}

export function derivedSecret(hash: HashName, secret: Uint8Array): Buffer {
  const empty = createHash(hash).digest();
  return expandLabel(hash, secret, 'derived', empty, empty.length);
}

function zeros(hash: HashName): Buffer {
  return Buffer.alloc(hash === 'sha256' ? 32 : 48);
}
