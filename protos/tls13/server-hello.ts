import { ByteReader, u8, u16, vector8, vector16 } from './bytes.ts';
import type { CipherSuite } from './cipher-suites.ts';
import {
  alpnBody,
  extension,
  extensionType,
  handshakeMessage,
  handshakeType,
  parseAlpn,
  parseExtensions,
} from './handshake-messages.ts';
import { type GroupName, groupIds, groupOf } from './key-exchange.ts';
import { alertCode, TlsError } from './tls-error.ts';

export type ServerHelloOptions = {
  random: Buffer;
  sessionId: Buffer;
  suite: CipherSuite;
  /** TLS 1.3 only. */
  share?: { group: GroupName; publicBytes: Buffer };
  /** TLS 1.2 only: in TLS 1.3 it travels in EncryptedExtensions. */
  alpn?: string | null;
  /** A lie: a version below TLS 1.2, without supported_versions. */
  oldVersion?: number;
  /** A lie: the group that the share is said to be of. */
  shareGroup?: number;
};

/** The whole handshake message of either version. */
export function serverHello(options: ServerHelloOptions): Buffer {
  const { suite, share, alpn } = options;
  const list: Buffer[] = [];
  if (share) {
    if (options.oldVersion === undefined) list.push(extension(extensionType.supported_versions, u16(0x0304)));
    const group = u16(options.shareGroup ?? groupIds[share.group]);
    list.push(extension(extensionType.key_share, group, vector16(share.publicBytes)));
  } else {
    // OpenSSL 3 refuses a server without RFC 5746.
    list.push(extension(extensionType.renegotiation_info, vector8()));
    if (alpn) list.push(extension(extensionType.alpn, alpnBody([alpn])));
  }
  return handshakeMessage(
    handshakeType.server_hello,
    u16(options.oldVersion ?? 0x0303),
    options.random,
    vector8(options.sessionId),
    u16(suite.id),
    u8(0),
    vector16(...list),
  );
}

export function encryptedExtensions(alpn: string | null): Buffer {
  const list = alpn ? [extension(extensionType.alpn, alpnBody([alpn]))] : [];
  return handshakeMessage(handshakeType.encrypted_extensions, vector16(...list));
}

export type ParsedServerHello = {
  version: 'TLSv1.3' | 'TLSv1.2';
  random: Buffer;
  suite: number;
  /** Null in TLS 1.2. */
  share: { group: GroupName; bytes: Buffer } | null;
  alpn: string | null;
};

/** SHA-256 of "HelloRetryRequest" (RFC 8446 4.1.3). */
const retryRandom = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

/** What a HelloRetryRequest asks for; null when the message is none (RFC 8446 4.1.4). Throws TlsError on illegal bytes. */
export function parseRetryRequest(
  body: Buffer,
): { suite: number; group: GroupName | null; cookie: Buffer | null } | null {
  const reader = new ByteReader(body);
  reader.u16();
  if (reader.take(32).toString('hex') !== retryRandom) return null;
  reader.vector8();
  const suite = reader.u16();
  reader.u8();
  const found = parseExtensions(reader);
  const share = found.get(extensionType.key_share);
  const cookie = found.get(extensionType.cookie);
  return {
    suite,
    group: share ? (groupOf(new ByteReader(share).u16()) ?? null) : null,
    cookie: cookie ? new ByteReader(cookie).vector16() : null,
  };
}

/** Throws TlsError on illegal bytes, and on a HelloRetryRequest, which may come once alone. */
export function parseServerHello(body: Buffer): ParsedServerHello {
  const reader = new ByteReader(body);
  const legacyVersion = reader.u16();
  const random = reader.take(32);
  reader.vector8();
  const suite = reader.u16();
  reader.u8();
  const found = parseExtensions(reader);
  if (random.toString('hex') === retryRandom) {
    throw new TlsError(alertCode.handshake_failure, 'server asks for another key share');
  }
  const selected = found.get(extensionType.supported_versions);
  const version = selected ? new ByteReader(selected).u16() : legacyVersion;
  if (version !== 0x0304 && version !== 0x0303) {
    throw new TlsError(alertCode.protocol_version, `server chose version 0x${version.toString(16)}`);
  }
  return {
    version: version === 0x0304 ? 'TLSv1.3' : 'TLSv1.2',
    random,
    suite,
    share: version === 0x0304 ? parseShare(found.get(extensionType.key_share)) : null,
    alpn: alpnOf(found),
  };
}

export function parseEncryptedExtensions(body: Buffer): { alpn: string | null } {
  return { alpn: alpnOf(parseExtensions(new ByteReader(body))) };
}

function parseShare(body: Buffer | undefined): ParsedServerHello['share'] {
  if (body === undefined) throw new TlsError(alertCode.missing_extension, 'no key share');
  const reader = new ByteReader(body);
  const group = groupOf(reader.u16());
  if (group === undefined)
    throw new TlsError(alertCode.illegal_parameter, 'key share of a group not offered');
  return { group, bytes: reader.vector16() };
}

function alpnOf(found: Map<number, Buffer>): string | null {
  const body = found.get(extensionType.alpn);
  return body === undefined ? null : (parseAlpn(body)[0] ?? null);
}
