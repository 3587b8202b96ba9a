import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { CipherSuite } from './cipher-suites.ts';
import { trafficKeys } from './key-schedule.ts';
import { alertCode, TlsError } from './tls-error.ts';

/** RFC 8446 5.1. */
export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

const tagBytes = 16;

/** One direction of one epoch; holds its sequence number. */
export type RecordProtection = {
  /** A whole record. `padding`: zero bytes inside the encryption (TLS 1.3 alone). */
  seal(type: number, content: Uint8Array, padding?: number): Buffer;
  /** The payload of one record. Throws TlsError `bad_record_mac`. */
  open(outerType: number, payload: Buffer): { type: number; content: Buffer };
};

/** RFC 8446 5.2, 5.3. */
export function tls13Protection(suite: CipherSuite, trafficSecret: Uint8Array): RecordProtection {
  const { key, iv } = trafficKeys(suite.hash, trafficSecret, suite.keyBytes);
  let sequence = 0n;
  const nonce = () => {
    const bytes = Buffer.from(iv);
    bytes.writeBigUInt64BE(bytes.readBigUInt64BE(4) ^ sequence, 4);
    sequence += 1n;
    return bytes;
  };
  return {
    seal(type, content, padding = 0) {
      const inner = Buffer.concat([content, Buffer.from([type]), Buffer.alloc(padding)]);
      const header = recordHeader(contentType.applicationData, inner.length + tagBytes);
      return Buffer.concat([header, encrypt(suite, key, nonce(), header, inner)]);
    },
    open(outerType, payload) {
      const inner = decrypt(suite, key, nonce(), recordHeader(outerType, payload.length), payload);
      let end = inner.length;
      while (end > 0 && inner[end - 1] === 0) end -= 1;
      if (end === 0) throw new TlsError(alertCode.unexpected_message, 'record of padding only');
      return { type: inner.readUInt8(end - 1), content: inner.subarray(0, end - 1) };
    },
  };
}

/** RFC 5288 3: the explicit half of the nonce is the sequence number. */
export function tls12Protection(suite: CipherSuite, keys: { key: Buffer; iv: Buffer }): RecordProtection {
  let sequence = 0n;
  const additional = (type: number, length: number) => {
    const bytes = Buffer.alloc(13);
    bytes.writeBigUInt64BE(sequence, 0);
    recordHeader(type, length).copy(bytes, 8);
    sequence += 1n;
    return bytes;
  };
  return {
    seal(type, content) {
      const aad = additional(type, content.length);
      const explicit = aad.subarray(0, 8);
      const sealed = encrypt(suite, keys.key, Buffer.concat([keys.iv, explicit]), aad, content);
      return Buffer.concat([recordHeader(type, 8 + sealed.length), explicit, sealed]);
    },
    open(outerType, payload) {
      if (payload.length < 8 + tagBytes) throw new TlsError(alertCode.bad_record_mac, 'record too short');
      const aad = additional(outerType, payload.length - 8 - tagBytes);
      const nonce = Buffer.concat([keys.iv, payload.subarray(0, 8)]);
      return { type: outerType, content: decrypt(suite, keys.key, nonce, aad, payload.subarray(8)) };
    },
  };
}

export function plaintextRecord(type: number, content: Uint8Array, version = 0x0303): Buffer {
  return Buffer.concat([recordHeader(type, content.length, version), content]);
}

function recordHeader(type: number, length: number, version = 0x0303): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(version, 1);
  header.writeUInt16BE(length, 3);
  return header;
}

function encrypt(suite: CipherSuite, key: Buffer, nonce: Buffer, aad: Buffer, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv(suite.aead, key, nonce);
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(suite: CipherSuite, key: Buffer, nonce: Buffer, aad: Buffer, payload: Buffer): Buffer {
  if (payload.length < tagBytes) throw new TlsError(alertCode.bad_record_mac, 'record too short');
  const decipher = createDecipheriv(suite.aead, key, nonce);
  decipher.setAAD(aad);
  decipher.setAuthTag(payload.subarray(payload.length - tagBytes));
  const plaintext = decipher.update(payload.subarray(0, payload.length - tagBytes));
  try {
    decipher.final();
  } catch {
    throw new TlsError(alertCode.bad_record_mac, 'record does not authenticate');
  }
  return plaintext;
}
