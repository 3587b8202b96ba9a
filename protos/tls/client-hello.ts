import { createByteReader } from './byte-reader.ts';
import { parseAlpn, parseServerName, parseU8List, parseU16List } from './client-hello-extensions.ts';

/** What a ClientHello offers, GREASE values included, every list in wire order (RFC 8446 4.1.2). */
export type ClientHello = {
  legacyVersion: number;
  /** The supported_versions extension; empty without one. */
  supportedVersions: number[];
  sessionIdLength: number;
  ciphers: number[];
  compressionMethods: number[];
  /** Extension ids. */
  extensions: number[];
  /** host_name of server_name, one character per byte. */
  sni: string | null;
  /** Protocol names, one character per byte (latin1): a name may hold any byte. */
  alpn: string[];
  groups: number[];
  pointFormats: number[];
  signatureAlgorithms: number[];
  /** Encrypted ClientHello (0xfe0d): its length in bytes, null without one. */
  echLength: number | null;
  /** The ESNI draft that came before ECH (0xffce). */
  esniLegacy: boolean;
  /** Extensions whose content breaks their own format; the fields they would fill stay empty. */
  malformedExtensions: number[];
};

export type ParsedClientHello = { hello: ClientHello; error: null } | { hello: null; error: string };

export const extensionIds = {
  serverName: 0x0000,
  supportedGroups: 0x000a,
  ecPointFormats: 0x000b,
  signatureAlgorithms: 0x000d,
  alpn: 0x0010,
  supportedVersions: 0x002b,
  encryptedClientHello: 0xfe0d,
  esniLegacy: 0xffce,
} as const;

const CLIENT_HELLO = 1;

/**
 * Parse a whole handshake message: type, 24-bit length and body. A broken structure is an error; a broken content of one
 * extension is not (the TLS stack answers that one with its alert), it is listed in `malformedExtensions`.
 */
export function parseClientHello(handshake: Buffer): ParsedClientHello {
  const reader = createByteReader(handshake);
  const type = reader.u8();
  if (reader.failed || type !== CLIENT_HELLO) return failure(`handshake type ${type} is not ClientHello`);
  const length = reader.u24();
  if (reader.failed || reader.remaining < length) return failure('the handshake message is cut short');
  const body = createByteReader(reader.bytes(length));

  const legacyVersion = body.u16();
  body.bytes(32);
  const sessionIdLength = body.bytes(body.u8()).length;
  if (sessionIdLength > 32) return failure(`a session id of ${sessionIdLength} bytes, 32 at most`);
  const ciphers = u16s(body.bytes(body.u16()));
  if (ciphers === null) return failure('cipher_suites has an odd length');
  const compressionMethods = [...body.bytes(body.u8())];
  const hasExtensions = body.remaining > 0;
  const extensions = createByteReader(hasExtensions ? body.bytes(body.u16()) : Buffer.alloc(0));
  if (body.failed) return failure('a field runs over the end of the ClientHello');
  if (body.remaining > 0) return failure(`${body.remaining} bytes after the last extension`);

  const hello: ClientHello = {
    legacyVersion,
    supportedVersions: [],
    sessionIdLength,
    ciphers,
    compressionMethods,
    extensions: [],
    sni: null,
    alpn: [],
    groups: [],
    pointFormats: [],
    signatureAlgorithms: [],
    echLength: null,
    esniLegacy: false,
    malformedExtensions: [],
  };
  while (extensions.remaining > 0) {
    const id = extensions.u16();
    const data = extensions.bytes(extensions.u16());
    if (extensions.failed) return failure('an extension runs over the end of the ClientHello');
    hello.extensions.push(id);
    if (!readExtension(hello, id, data)) hello.malformedExtensions.push(id);
  }
  return { hello, error: null };
}

function readExtension(hello: ClientHello, id: number, data: Buffer): boolean {
  switch (id) {
    case extensionIds.serverName: {
      const parsed = parseServerName(data);
      hello.sni = parsed ?? hello.sni;
      return parsed !== null;
    }
    case extensionIds.alpn: {
      const parsed = parseAlpn(data);
      hello.alpn = parsed ?? hello.alpn;
      return parsed !== null;
    }
    case extensionIds.supportedGroups:
      return fill(hello.groups, parseU16List(data, 2));
    case extensionIds.signatureAlgorithms:
      return fill(hello.signatureAlgorithms, parseU16List(data, 2));
    case extensionIds.supportedVersions:
      return fill(hello.supportedVersions, parseU16List(data, 1));
    case extensionIds.ecPointFormats:
      return fill(hello.pointFormats, parseU8List(data));
    case extensionIds.encryptedClientHello:
      hello.echLength = data.length;
      return true;
    case extensionIds.esniLegacy:
      hello.esniLegacy = true;
      return true;
    default:
      return true;
  }
}

/** A second extension of the same id replaces nothing: the first one counts. */
function fill(target: number[], values: number[] | null): boolean {
  if (values !== null && target.length === 0) target.push(...values);
  return values !== null;
}

function u16s(bytes: Buffer): number[] | null {
  if (bytes.length % 2 !== 0) return null;
  const values: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) values.push(bytes.readUInt16BE(at));
  return values;
}

function failure(error: string): ParsedClientHello {
  return { hello: null, error };
}
