import { createHash } from 'node:crypto';
import { ByteReader, u8, u16, vector8, vector16, vector24 } from './bytes.ts';
import type { HashName } from './key-schedule.ts';

/** RFC 8446 4 and RFC 5246 7.4. */
export const handshakeType = {
  client_hello: 1,
  server_hello: 2,
  new_session_ticket: 4,
  encrypted_extensions: 8,
  certificate: 11,
  server_key_exchange: 12,
  certificate_request: 13,
  server_hello_done: 14,
  certificate_verify: 15,
  client_key_exchange: 16,
  finished: 20,
  key_update: 24,
} as const;

export const extensionType = {
  server_name: 0,
  supported_groups: 10,
  ec_point_formats: 11,
  signature_algorithms: 13,
  alpn: 16,
  padding: 21,
  extended_master_secret: 23,
  pre_shared_key: 41,
  early_data: 42,
  supported_versions: 43,
  cookie: 44,
  psk_key_exchange_modes: 45,
  key_share: 51,
  encrypted_client_hello: 0xfe0d,
  renegotiation_info: 0xff01,
} as const;

export function handshakeMessage(type: number, ...body: Uint8Array[]): Buffer {
  return Buffer.concat([u8(type), vector24(...body)]);
}

export function extension(type: number, ...body: Uint8Array[]): Buffer {
  return Buffer.concat([u16(type), vector16(...body)]);
}

/** Type to body; of an extension sent twice the first counts. */
export function parseExtensions(reader: ByteReader): Map<number, Buffer> {
  const extensions = new Map<number, Buffer>();
  if (reader.remaining === 0) return extensions;
  const inner = new ByteReader(reader.vector16());
  while (inner.remaining > 0) {
    const type = inner.u16();
    const body = inner.vector16();
    if (!extensions.has(type)) extensions.set(type, body);
  }
  return extensions;
}

export function alpnBody(protocols: readonly string[]): Buffer {
  return vector16(...protocols.map((protocol) => vector8(Buffer.from(protocol, 'latin1'))));
}

export function parseAlpn(body: Buffer): string[] {
  const reader = new ByteReader(new ByteReader(body).vector16());
  const protocols: string[] = [];
  while (reader.remaining > 0) protocols.push(reader.vector8().toString('latin1'));
  return protocols;
}

export function parseU16List(bytes: Buffer): number[] {
  const reader = new ByteReader(bytes);
  const values: number[] = [];
  while (reader.remaining > 0) values.push(reader.u16());
  return values;
}

/** RFC 8446 4.4.2, an empty request context and no extensions. */
export function certificate13(chain: readonly Buffer[]): Buffer {
  const entries = chain.map((der) => Buffer.concat([vector24(der), u16(0)]));
  return handshakeMessage(handshakeType.certificate, vector8(), vector24(...entries));
}

/** RFC 5246 7.4.2. */
export function certificate12(chain: readonly Buffer[]): Buffer {
  return handshakeMessage(handshakeType.certificate, vector24(...chain.map((der) => vector24(der))));
}

/** The DER certificates of a Certificate body, leaf first; empty when the peer sent none. */
export function parseCertificate(version: 'TLSv1.3' | 'TLSv1.2', body: Buffer): Buffer[] {
  const outer = new ByteReader(body);
  if (version === 'TLSv1.3') outer.vector8();
  const list = new ByteReader(outer.vector24());
  const chain: Buffer[] = [];
  while (list.remaining > 0) {
    chain.push(list.vector24());
    if (version === 'TLSv1.3') list.vector16();
  }
  return chain;
}

const messageHash = 254;

/** The handshake messages so far, in wire order (RFC 8446 4.4.1). */
export class Transcript {
  readonly #messages: Buffer[] = [];

  add(message: Buffer): Buffer {
    this.#messages.push(message);
    return message;
  }

  hash(hash: HashName): Buffer {
    const digest = createHash(hash);
    for (const message of this.#messages) digest.update(message);
    return digest.digest();
  }

  /** Behind a HelloRetryRequest the first ClientHello counts by its hash alone (RFC 8446 4.4.1). */
  replaceByHash(hash: HashName): void {
    const digest = this.hash(hash);
    this.#messages.splice(0, this.#messages.length, handshakeMessage(messageHash, digest));
  }

  /** TLS 1.2 signs the messages themselves in CertificateVerify (RFC 5246 7.4.8). */
  bytes(): Buffer {
    return Buffer.concat(this.#messages);
  }
}
