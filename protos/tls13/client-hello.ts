import { randomBytes } from 'node:crypto';
import { ByteReader, u8, u16, vector8, vector16 } from './bytes.ts';
import { cipherSuites } from './cipher-suites.ts';
import {
  alpnBody,
  extension,
  extensionType,
  handshakeMessage,
  handshakeType,
  parseAlpn,
  parseExtensions,
  parseU16List,
} from './handshake-messages.ts';
import { type GroupName, groupIds, groupOf, type KeyShare } from './key-exchange.ts';
import { signatureSchemeIds } from './signatures.ts';
import { alertCode, TlsError } from './tls-error.ts';

export type ClientHelloOptions = {
  version: 'TLSv1.3' | 'TLSv1.2';
  shares: readonly KeyShare[];
  random: Buffer;
  sessionId: Buffer;
  /** SNI; absent or empty sends none. */
  servername?: string;
  /** Absent or empty sends none. */
  alpn?: readonly string[];
  /** Zero bytes of the padding extension (RFC 7685). */
  paddingBytes?: number;
  /** RFC 8701 values among suites, groups, shares, versions and extensions. */
  grease?: boolean;
  /** An Encrypted ClientHello whose payload is random, as a client sends it that has no configuration (GREASE ECH). */
  ech?: boolean;
  /** The supported_groups extension a second time, which RFC 8446 4.2 forbids. */
  duplicateExtension?: boolean;
  /** An empty list of key shares: the server has to ask for one (RFC 8446 4.2.8). */
  noKeyShare?: boolean;
  /** The group of the only key share; default one of every group. */
  onlyShare?: GroupName;
  /** No group that a server knows. */
  noKnownGroup?: boolean;
  /** A session ticket no server has issued, with a binder that verifies under no key; `early` announces early data. */
  ticket?: 'stale' | 'early';
  /** Of a HelloRetryRequest, to be repeated. */
  cookie?: Buffer;
  /** A first key share of 1216 random bytes under X25519Kyber768Draft00, which no current server selects. */
  pqKeyShare?: boolean;
};

const kyberDraft = 0x6399;
const greaseValue = 0x2a2a;

/** The whole handshake message. */
export function clientHello(options: ClientHelloOptions): Buffer {
  const grease = options.grease ? [u16(greaseValue)] : [];
  const suites = cipherSuites
    .filter((suite) => suite.version === options.version)
    .map((suite) => u16(suite.id));
  return handshakeMessage(
    handshakeType.client_hello,
    u16(0x0303),
    options.random,
    vector8(options.sessionId),
    vector16(...grease, ...suites),
    vector8(u8(0)),
    vector16(...extensions(options, grease)),
  );
}

export type ParsedClientHello = {
  random: Buffer;
  sessionId: Buffer;
  suites: number[];
  versions: number[];
  servername: string | null;
  alpn: string[];
  groups: number[];
  signatureSchemes: number[];
  shares: { group: GroupName; bytes: Buffer }[];
};

/** What a server needs to answer. Throws TlsError on illegal bytes. */
export function parseClientHello(body: Buffer): ParsedClientHello {
  const reader = new ByteReader(body);
  const legacyVersion = reader.u16();
  const random = reader.take(32);
  const sessionId = reader.vector8();
  if (sessionId.length > 32) throw new TlsError(alertCode.decode_error, 'session id over 32 bytes');
  const suites = parseU16List(reader.vector16());
  reader.vector8();
  const found = parseExtensions(reader);
  const inner = (type: number) => new ByteReader(found.get(type) ?? u16(0)).vector16();
  const versions = found.get(extensionType.supported_versions);
  return {
    random,
    sessionId,
    suites,
    versions: versions ? parseU16List(new ByteReader(versions).vector8()) : [legacyVersion],
    servername: parseServername(inner(extensionType.server_name)),
    alpn: found.has(extensionType.alpn) ? parseAlpn(found.get(extensionType.alpn)!) : [],
    groups: parseU16List(inner(extensionType.supported_groups)),
    signatureSchemes: parseU16List(inner(extensionType.signature_algorithms)),
    shares: parseShares(inner(extensionType.key_share)),
  };
}

function extensions(options: ClientHelloOptions, grease: Buffer[]): Buffer[] {
  const list: Buffer[] = grease.map((value) => Buffer.concat([value, u16(0)]));
  if (options.servername) {
    const name = vector16(u8(0), vector16(Buffer.from(options.servername, 'latin1')));
    list.push(extension(extensionType.server_name, name));
  }
  const groups = options.noKnownGroup ? [] : options.shares.map((share) => u16(groupIds[share.group]));
  const pq = options.pqKeyShare || options.noKnownGroup ? [u16(kyberDraft)] : [];
  const supportedGroups = extension(extensionType.supported_groups, vector16(...grease, ...pq, ...groups));
  list.push(supportedGroups);
  if (options.duplicateExtension) list.push(supportedGroups);
  list.push(extension(extensionType.ec_point_formats, vector8(u8(0))));
  list.push(extension(extensionType.signature_algorithms, vector16(...signatureSchemeIds.map(u16))));
  if (options.alpn?.length) list.push(extension(extensionType.alpn, alpnBody(options.alpn)));
  if (options.version === 'TLSv1.2') {
    list.push(extension(extensionType.renegotiation_info, vector8()));
  } else {
    list.push(extension(extensionType.supported_versions, vector8(...grease, u16(0x0304))));
    list.push(extension(extensionType.key_share, vector16(...shareEntries(options, grease))));
  }
  if (options.ech) list.push(extension(extensionType.encrypted_client_hello, greaseEch()));
  if (options.cookie) list.push(extension(extensionType.cookie, vector16(options.cookie)));
  if (options.paddingBytes) list.push(extension(extensionType.padding, Buffer.alloc(options.paddingBytes)));
  if (options.ticket === 'early') list.push(extension(extensionType.early_data));
  if (options.ticket) list.push(...unknownTicket());
  return list;
}

/** The outer form (RFC 9849 5): HKDF-SHA256 and AES-128-GCM, a key and a payload of random bytes. */
function greaseEch(): Buffer {
  return Buffer.concat([
    u8(0),
    u16(1),
    u16(1),
    u8(0x2a),
    vector16(randomBytes(32)),
    vector16(randomBytes(144)),
  ]);
}

/** pre_shared_key must be the last extension (RFC 8446 4.2.11). */
function unknownTicket(): Buffer[] {
  const identity = Buffer.concat([vector16(randomBytes(192)), Buffer.from('00002710', 'hex')]);
  return [
    extension(extensionType.psk_key_exchange_modes, vector8(u8(1))),
    extension(extensionType.pre_shared_key, vector16(identity), vector16(vector8(randomBytes(32)))),
  ];
}

function shareEntries(options: ClientHelloOptions, grease: Buffer[]): Buffer[] {
  if (options.noKeyShare) return [];
  if (options.noKnownGroup) return [Buffer.concat([u16(kyberDraft), vector16(randomBytes(1216))])];
  return [
    ...grease.map((value) => Buffer.concat([value, vector16(u8(0))])),
    ...(options.pqKeyShare ? [Buffer.concat([u16(kyberDraft), vector16(randomBytes(1216))])] : []),
    ...options.shares
      .filter(({ group }) => group === (options.onlyShare ?? group))
      .map((share) => Buffer.concat([u16(groupIds[share.group]), vector16(share.publicBytes)])),
  ];
}

function parseServername(list: Buffer): string | null {
  const reader = new ByteReader(list);
  while (reader.remaining > 0) {
    const type = reader.u8();
    const name = reader.vector16();
    if (type === 0) return name.toString('latin1');
  }
  return null;
}

function parseShares(list: Buffer): ParsedClientHello['shares'] {
  const reader = new ByteReader(list);
  const shares: ParsedClientHello['shares'] = [];
  while (reader.remaining > 0) {
    const group = groupOf(reader.u16());
    const bytes = reader.vector16();
    if (group !== undefined) shares.push({ group, bytes });
  }
  return shares;
}
