import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { numberOf, objectOf, type Source, sourceOf, textOf, textsOf } from './values.ts';
import { handshakeCauseOf150 } from './version-150.ts';

export type Certificate = {
  subject: string;
  issuer: string;
  notBefore: string | null;
  notAfter: string | null;
  san: string | null;
};

/** A `tls` record: one handshake, or an alert that came after it (`late`). */
export type Handshake = Source & {
  ts: number | null;
  side: 'in' | 'out';
  ok: boolean;
  late: boolean;
  /** Null when it succeeded. */
  cause: string | null;
  reason: string | null;
  category: string | null;
  detail: string | null;
  alert: { direction: string; number: number; name: string } | null;
  version: string | null;
  alpn: string | null;
  cipher: string | null;
  /** What the client asked for, agreed or not. */
  sni: string | null;
  /** The first protocol of the ClientHello. */
  firstOffer: string | null;
  ja4: string | null;
  certificate: Certificate | null;
  resumed: boolean;
  /** Of the upstream's side, as the listener is configured. */
  verify: boolean | null;
  serverName: string | null;
  ca: string | null;
  configuredAlpn: string[];
  mtls: boolean | null;
};

export function readHandshake(record: ReadRecord, line: number): Handshake {
  const tls = objectOf(record.tls);
  const upstream = objectOf(record.upstream);
  const fingerprints = objectOf(record.fingerprints);
  const ok = record.outcome === 'ok';
  return {
    ...sourceOf(record, line),
    ts: numberOf(record.ts),
    side: record.side === 'out' ? 'out' : 'in',
    ok,
    late: record.late === true,
    cause: ok ? null : (textOf(record.cause) ?? handshakeCauseOf150(record)),
    reason: textOf(record.reason),
    category: textOf(record.category),
    detail: textOf(record.detail),
    alert: readAlert(record.alert),
    version: textOf(tls.version),
    alpn: textOf(tls.alpn),
    cipher: textOf(tls.cipher),
    sni: textOf(tls.sni) ?? textOf(fingerprints.sni_ch),
    firstOffer: textOf(fingerprints.alpn_ch),
    ja4: textOf(fingerprints.ja4),
    certificate: readCertificate(record.peer_cert),
    resumed: record.resumed === true,
    verify: typeof upstream.verify === 'boolean' ? upstream.verify : null,
    serverName: textOf(upstream.server_name),
    ca: textOf(upstream.ca),
    configuredAlpn: textsOf(upstream.alpn),
    mtls: typeof upstream.mtls === 'boolean' ? upstream.mtls : null,
  };
}

function readAlert(value: unknown): Handshake['alert'] {
  const alert = objectOf(value);
  const name = textOf(alert.name);
  if (name === null) return null;
  return { direction: textOf(alert.direction) ?? '', number: numberOf(alert.number) ?? -1, name };
}

function readCertificate(value: unknown): Certificate | null {
  const certificate = objectOf(value);
  const subject = textOf(certificate.subject);
  if (subject === null) return null;
  return {
    subject,
    issuer: textOf(certificate.issuer) ?? '',
    notBefore: textOf(certificate.not_before),
    notAfter: textOf(certificate.not_after),
    san: textOf(certificate.san),
  };
}
