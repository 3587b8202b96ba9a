import { createHash } from 'node:crypto';
import type { ClientTls } from '../../../protos/control/fault-client.ts';
import type { TlsRecord } from '../../../protos/records/records.ts';
import { show } from '../../json.ts';
import { type CaseView, type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';

export const tls: Invariant = {
  name: 'tls',
  witness:
    "the client's own handshake, the server's own handshake, the configuration; fingerprints by their hashes",
  check: (view) =>
    view.connections.flatMap((connection) => [
      ...counts(connection, view),
      ...connection.tlsIn.flatMap((record) => inbound(record, connection)),
      ...connection.tlsOut.flatMap((record) => outbound(record, connection, view)),
      ...[...connection.tlsIn, ...connection.tlsOut].flatMap((record) => [
        ...shape(record),
        ...subject(record, connection, view),
      ]),
      ...repeated(connection),
    ]),
};

function counts({ tlsIn, tlsOut, connId, client, seen }: ConnectionView, { evidence }: CaseView): Mismatch[] {
  const broken: Mismatch[] = [];
  const whole = (records: TlsRecord[]) => records.filter(({ late }) => !late).length;
  const more = (side: string, seenCount: number, expected: string) =>
    broken.push({ path: `${connId}: tls ${side}`, expected, seen: seenCount });
  if (whole(tlsIn) > 1) more('in', whole(tlsIn), 'at most one handshake');
  if (whole(tlsOut) > 1) more('out', whole(tlsOut), 'at most one handshake');
  if (evidence.listener.config.tls === false && tlsIn.length > 0)
    more('in', tlsIn.length, 'none on plaintext');
  if (evidence.listener.config.upstream.tls === false && tlsOut.length > 0)
    more('out', tlsOut.length, 'none on plaintext');
  const used = client?.result?.tls && client.sockets.length === 1;
  if (used && whole(tlsIn) === 0) more('in', 0, 'one: the client finished its handshake');
  if (seen.tls.some(({ outcome }) => outcome === 'ok') && whole(tlsOut) === 0) {
    more('out', 0, 'one: the server finished its handshake');
  }
  return broken;
}

function inbound(record: TlsRecord, { client }: ConnectionView): Mismatch[] {
  const broken: Mismatch[] = [];
  const fault = client?.spec.fault?.id;
  const params = client?.spec.fault?.params ?? {};
  const owned = fault !== undefined;
  // A fault on TLS says hello as the client would; one on HTTP/2 offers h2.
  const spec =
    client?.spec.tls ?? (owned ? { alpn: [/^(h2|grpc)-/.test(fault) ? 'h2' : 'http/1.1'] } : undefined);
  if (spec && 'sni_ch' in record.fingerprints && !/sni/.test(String(params.what))) {
    const sni = spec.servername ?? 'localhost';
    if (record.fingerprints.sni_ch !== sni)
      broken.push(differs(record, 'fingerprints.sni_ch', sni, record.fingerprints.sni_ch));
  }
  if (spec) {
    const offers = spec.alpn ?? (client?.spec.proto === 'h1' ? ['http/1.1'] : ['h2']);
    for (const [key, expected] of [
      ['alpn_ch', offers[0] ?? ''],
      ['alpn_offered', offers.join(',')],
      ['ech_present', params.ech === true ? '1' : '0'],
      ['esni_legacy_present', '0'],
    ] as const) {
      const written = record.fingerprints[key];
      if (written !== undefined && written !== expected) {
        broken.push(differs(record, `fingerprints.${key}`, show(expected), written));
      }
    }
    const { version } = client?.result?.tls ?? {};
    const read =
      record.outcome === 'ok' ||
      (!owned && /^(no_|cert_|protocol_version)/.test(record.cause ?? '')) ||
      /^client_alert:/.test(record.cause ?? '');
    if (read && record.fingerprints.ja4 === undefined)
      broken.push(differs(record, 'fingerprints', 'those of the ClientHello', record.fingerprints));
    if (!owned && record.fingerprints.ja4 !== undefined)
      broken.push(...firstPart(record, spec, offers, version));
    if (record.resumed && fault !== 'tls-resume')
      broken.push(differs(record, 'resumed', 'false: no client but tls-resume resumes', true));
  }
  // The name agreed on is the name that was offered (RFC 6066 3).
  const offered = record.fingerprints.sni_ch;
  if (record.outcome === 'ok' && offered !== undefined && record.tls.sni !== (offered || null))
    broken.push(differs(record, 'tls.sni', show(offered), record.tls.sni));
  const seen = client?.sockets.length === 1 ? client.result?.tls : null;
  if (record.outcome !== 'ok' || !seen) return broken;
  const sni = spec?.servername ?? 'localhost';
  for (const [key, expected] of [
    ['version', seen.version],
    ['cipher', seen.cipher],
    ['alpn', seen.alpn || null],
    ...(owned ? [] : ([['sni', sni === '' ? null : sni]] as const)),
  ] as const) {
    if (!sameName(record.tls[key], expected))
      broken.push(differs(record, `tls.${key}`, show(expected), record.tls[key]));
  }
  return broken;
}

/** What the first part of a JA4 says of a client whose spec is known (FoxIO): version, server name, first ALPN. */
function firstPart(
  record: TlsRecord,
  spec: ClientTls,
  offers: string[],
  agreed: string | undefined,
): Mismatch[] {
  const { ja4 = '', ja4_ro = '' } = record.fingerprints;
  const highest = spec.maxVersion ?? agreed ?? 'TLSv1.3';
  const version = { 'TLSv1.3': '13', 'TLSv1.2': '12', 'TLSv1.1': '11', TLSv1: '10' }[highest];
  const named = (spec.servername ?? 'localhost') !== '';
  const first = offers[0] ?? '';
  const alpn = first === '' ? '00' : `${first[0]}${first.at(-1)}`;
  const expected = new RegExp(`^t${version}${named ? 'd' : 'i'}\\d{4}${alpn}_`);
  const [, ciphers = '', extensions = ''] = ja4_ro.split('_');
  const count = (list: string) =>
    String(Math.min(99, list === '' ? 0 : list.split(',').length)).padStart(2, '0');
  const broken = expected.test(ja4)
    ? []
    : [differs(record, 'fingerprints.ja4', `t${version}${named ? 'd' : 'i'}….${alpn}_…`, ja4)];
  if (ja4.slice(4, 8) !== count(ciphers) + count(extensions))
    broken.push(
      differs(record, 'fingerprints.ja4', `${count(ciphers)}${count(extensions)}, as ja4_ro lists`, ja4),
    );
  return broken;
}

function outbound(record: TlsRecord, { seen }: ConnectionView, { evidence }: CaseView): Mismatch[] {
  const broken: Mismatch[] = [];
  const { upstream } = evidence.listener.config;
  const config = record.upstream;
  if (config.verify !== (upstream.verify ?? true))
    broken.push(differs(record, 'upstream.verify', String(upstream.verify), config.verify));
  const offered = upstream.alpn ?? ['h2', 'http/1.1'];
  if (show(config.alpn) !== show(offered)) {
    broken.push(differs(record, 'upstream.alpn', show(offered), config.alpn));
  }
  const mtls = upstream.client_cert !== undefined && upstream.client_key !== undefined;
  if (config.mtls !== mtls) broken.push(differs(record, 'upstream.mtls', String(mtls), config.mtls));
  if (upstream.server_name !== undefined && config.server_name !== upstream.server_name) {
    broken.push(differs(record, 'upstream.server_name', show(upstream.server_name), config.server_name));
  }
  const file =
    typeof upstream.ca === 'string' ? upstream.ca.replace(/^fixture:(.*?)(\.crt)?$/, '/$1.crt') : null;
  if (file === null ? config.ca != null : !String(config.ca).endsWith(file)) {
    broken.push(differs(record, 'upstream.ca', String(file), config.ca));
  }
  const [server] = seen.tls;
  if (server?.outcome !== 'ok' || record.outcome !== 'ok') return broken;
  for (const [key, expected] of [
    ['version', server.version],
    ['cipher', server.cipher],
    ['alpn', server.alpn || null],
  ] as const) {
    if (!sameName(record.tls[key], expected))
      broken.push(differs(record, `tls.${key}`, show(expected), record.tls[key]));
  }
  if (record.resumed !== server.resumed)
    broken.push(differs(record, 'resumed', String(server.resumed), record.resumed));
  return broken;
}

/** OpenSSL and the registry write the same TLS 1.2 suite differently: ECDHE-RSA-AES128-…, TLS_ECDHE_RSA_WITH_AES_128_…. */
function sameName(left: string | null, right: string | null): boolean {
  const plain = (name: string | null) => name?.replace(/^TLS_|_WITH|[-_]/g, '') ?? null;
  return left === right || (plain(left) === plain(right) && left !== null && /SHA|POLY/.test(left));
}

/** Fixtures are named as their certificates' common names, but for the usual server's and those that have none. */
function subject(record: TlsRecord, { client }: ConnectionView, { instance }: CaseView): Mismatch[] {
  const { upstream } = instance;
  const shown =
    record.side === 'in'
      ? client?.spec.tls?.cert
      : typeof upstream === 'object' && upstream.tls && !upstream.fault
        ? (upstream.tls.cert ?? 'server')
        : undefined;
  if (shown === undefined || record.peer_cert === null || /_no_(subject|cn)$/.test(shown)) return [];
  const expected = `CN=${shown === 'server' ? 'localhost' : shown}`;
  const seen = record.peer_cert.subject;
  return seen === expected ? [] : [differs(record, 'peer_cert.subject', expected, seen)];
}

/** What a record says of itself: a failed handshake has a reason and a cause, a good one has neither. */
function shape(record: TlsRecord): Mismatch[] {
  const broken: Mismatch[] = [];
  const failed = record.outcome === 'fail';
  for (const key of ['reason', 'cause'] as const) {
    if ((record[key] !== null) !== failed)
      broken.push(differs(record, key, failed ? 'a word' : 'null', record[key]));
  }
  if (!failed) {
    for (const key of ['category', 'detail', 'alert'] as const) {
      if (record[key] !== null) broken.push(differs(record, key, 'null on ok', record[key]));
    }
    if (record.late) broken.push(differs(record, 'late', 'false on ok', true));
  }
  const { alert } = record;
  const name = alert ? alertNames[alert.number] : undefined;
  if (alert && name !== undefined && alert.name !== name)
    broken.push(differs(record, 'alert.name', name, alert.name));
  if (!failed && record.duration_ms === null) broken.push(differs(record, 'duration_ms', 'a number', null));
  const { ja3, ja3_raw, ja4, ja4_r, ja4_raw, ja4_o, ja4_ro } = record.fingerprints;
  if (ja4_raw !== undefined && ja4_r !== undefined && ja4_raw !== ja4_r) {
    broken.push(differs(record, 'fingerprints.ja4_raw', 'ja4_r', ja4_raw));
  }
  if (ja4_o !== undefined && ja4_ro !== undefined && ja4_o !== ja4Of(ja4_ro)) {
    broken.push(differs(record, 'fingerprints.ja4_o', ja4Of(ja4_ro), ja4_o));
  }
  if (ja3 !== undefined && ja3 !== digest('md5', ja3_raw ?? '')) {
    broken.push(differs(record, 'fingerprints.ja3', 'the MD5 of ja3_raw', ja3));
  }
  if (ja4 !== undefined && ja4_r !== undefined && ja4 !== ja4Of(ja4_r)) {
    broken.push(differs(record, 'fingerprints.ja4', ja4Of(ja4_r), ja4));
  }
  return broken;
}

/** JA4 from its raw form `a_ciphers_extensions[_signature algorithms]` (FoxIO, technical details of JA4). */
function ja4Of(raw: string): string {
  const [a = '', ciphers = '', ...rest] = raw.split('_');
  const extensions = rest.join('_');
  const part = (text: string) => (text === '' ? '0'.repeat(12) : digest('sha256', text).slice(0, 12));
  return [a, part(ciphers), part(extensions)].join('_');
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

/** RFC 8446 6 and the registry of TLS alerts. */
const alertNames: Record<number, string> = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  22: 'record_overflow',
  40: 'handshake_failure',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  44: 'certificate_revoked',
  45: 'certificate_expired',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  109: 'missing_extension',
  110: 'unsupported_extension',
  112: 'unrecognized_name',
  116: 'certificate_required',
  120: 'no_application_protocol',
};

/** Every event repeats what the inbound handshake agreed. */
function repeated({ tlsIn, events }: ConnectionView): Mismatch[] {
  const [handshake] = tlsIn.filter(({ outcome }) => outcome === 'ok');
  const expected = handshake?.tls ?? { sni: null, alpn: null, version: null, cipher: null };
  return events.flatMap((event) =>
    (['sni', 'alpn', 'version', 'cipher'] as const)
      .filter((key) => event.tls[key] !== expected[key])
      .map((key) => differs(event, `tls.${key}`, show(expected[key]), event.tls[key])),
  );
}
