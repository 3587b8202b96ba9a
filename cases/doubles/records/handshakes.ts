/** Doubles that tell a TLS handshake wrongly. */
import { createHash } from 'node:crypto';
import type { TlsRecord } from '../../../protos/records/records.ts';
import type { RecordDouble } from '../double.ts';
import { onEvery, onTls } from './changes.ts';

export const handshakes: RecordDouble[] = [
  {
    name: 'ja4-of-1.50',
    lie: 'computes a JA4 that is none: lists in wire order, joined by `-`, SNI and ALPN among the extensions',
    standsFor: 'wiretracer 1.50: JA4 is wrong in nine ways, and ja4_raw is ja4 again',
    filter: onTls((record) => {
      const { ja4_ro } = record.fingerprints;
      if (ja4_ro === undefined) return record;
      const [a = '', ciphers = '', ...rest] = ja4_ro.split('_');
      const hash = (text: string) =>
        createHash('sha256').update(text.replaceAll(',', '-')).digest('hex').slice(0, 12);
      const ja4 = `${a}_${hash(ciphers)}_${hash(rest.join('|'))}`;
      return { ...record, fingerprints: { ...record.fingerprints, ja4, ja4_raw: ja4 } };
    }),
  },
  {
    name: 'fingerprint-of-another',
    lie: 'tells the fingerprints of another client, each in keeping with the others',
    standsFor: 'a client that is taken for the browser it shares an address with',
    unseen: 'a client that offers h2 under TLS 1.3, as that other does: no witness reads its ClientHello',
    filter: onTls((record) =>
      record.fingerprints.ja4 === undefined
        ? record
        : { ...record, fingerprints: { ...record.fingerprints, ...otherFingerprints() } },
    ),
  },
  {
    name: 'hello-unread',
    lie: 'reads nothing from the ClientHello',
    standsFor:
      'wiretracer 1.50: a ClientHello of more than one TLS record, or a slow one, has no fingerprints',
    filter: onTls((record) => (record.side === 'in' ? { ...record, fingerprints: {} } : record)),
  },
  {
    name: 'first-alpn-only',
    lie: 'tells only the first protocol that the client offered',
    standsFor: 'wiretracer 1.50: alpn_ch is the first offered ALPN',
    filter: onTls((record) => {
      const offered = record.fingerprints.alpn_offered;
      if (offered === undefined) return record;
      return {
        ...record,
        fingerprints: { ...record.fingerprints, alpn_offered: offered.split(',')[0]! },
      };
    }),
  },
  {
    name: 'sni-lost',
    lie: 'does not tell the server name that the client asked for',
    standsFor: 'wiretracer 1.50: sni is null everywhere but in tls in ok',
    filter: onTls((record) => ({ ...record, tls: { ...record.tls, sni: null } })),
  },
  {
    name: 'alpn-lost',
    lie: 'does not tell the protocol that a handshake agreed on',
    standsFor: 'wiretracer 1.50: the protocol of a failed pairing is never named',
    filter: onTls((record) => ({ ...record, tls: { ...record.tls, alpn: null } })),
  },
  {
    name: 'always-tls-1.3',
    lie: 'tells every handshake as one of TLS 1.3',
    standsFor: 'a proxy that logs what it is configured for',
    filter: onTls((record) =>
      record.tls.version === null ? record : { ...record, tls: { ...record.tls, version: 'TLSv1.3' } },
    ),
  },
  {
    name: 'issuer-as-subject',
    lie: 'names the issuer of a certificate where its subject belongs',
    standsFor: 'a log in which an expired certificate cannot be found',
    unseen: 'a server with a TLS of its own making, which does not name its certificate',
    filter: onTls((record) =>
      record.peer_cert === null
        ? record
        : { ...record, peer_cert: { ...record.peer_cert, subject: record.peer_cert.issuer } },
    ),
  },
  {
    name: 'out-category-lost',
    lie: 'does not say in which way an upstream certificate is bad',
    standsFor: 'wiretracer 1.50: category is always null on the outbound side',
    filter: onTls((record) => (record.side === 'out' ? { ...record, category: null } : record)),
  },
  {
    name: 'certificates-collapsed',
    lie: 'names every bad client certificate one of an unknown authority',
    standsFor:
      'mitmproxy #4678: "the client does not trust the proxy\'s certificate" for whatever went wrong',
    filter: onEvery((record) => {
      if ((record.kind !== 'tls' && record.kind !== 'conn') || !/^cert_/.test(record.cause ?? ''))
        return record;
      const collapsed = { ...record, cause: 'cert_unknown_ca' };
      return collapsed.kind === 'tls' ? { ...collapsed, category: 'unknown_ca' } : collapsed;
    }),
  },
  {
    name: 'missing-certificate-as-tls-error',
    lie: 'tells a client without a certificate as a broken handshake',
    standsFor: 'wiretracer 1.50: a missing client certificate is a plain `tls_error`',
    filter: onEvery((record) =>
      (record.kind === 'tls' || record.kind === 'conn') && record.cause === 'no_client_cert'
        ? { ...record, cause: 'tls_protocol_error' }
        : record,
    ),
  },
  {
    name: 'alert-from-the-other-end',
    lie: 'tells an alert that came as one that was sent, and the other way round',
    standsFor: 'HAProxy #2192: which end sent the alert cannot be told',
    filter: onTls((record) =>
      record.alert === null
        ? record
        : {
            ...record,
            alert: { ...record.alert, direction: record.alert.direction === 'sent' ? 'received' : 'sent' },
          },
    ),
  },
  {
    name: 'alert-lost',
    lie: 'does not tell the alert that ended a handshake',
    standsFor: 'wiretracer 1.50: tls rows have no alert; Envoy #16991',
    filter: onTls((record) => ({ ...record, alert: null })),
  },
  {
    name: 'resumption-hidden',
    lie: 'tells every handshake as a full one',
    standsFor: 'wiretracer 1.50: sessions are not told',
    filter: onTls((record) => ({ ...record, resumed: false })),
  },
  {
    name: 'verified-always',
    lie: 'says that it verified the upstream where it was told not to',
    standsFor: 'a proxy that logs the default',
    filter: onTls((record) =>
      record.upstream.verify === false
        ? { ...record, upstream: { ...record.upstream, verify: true } }
        : record,
    ),
  },
  {
    name: 'outbound-unrecorded',
    lie: 'writes no row for the handshake with the upstream',
    standsFor: 'HAProxy #994: some failures leave no log line',
    filter: onTls((record) => (record.side === 'out' ? null : record)),
  },
];

/** Of the first vector in FoxIO's technical details of JA4, and a JA3 over the same lists. */
function otherFingerprints(): TlsRecord['fingerprints'] {
  const ciphers = '1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035';
  const extensions = '001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015';
  const signatures = '0403,0804,0401,0503,0805,0501,0806,0601';
  const sorted = (list: string, without: string[] = []) =>
    list
      .split(',')
      .filter((item) => !without.includes(item))
      .toSorted()
      .join(',');
  const numbers = (list: string) =>
    list
      .split(',')
      .map((item) => Number.parseInt(item, 16))
      .join('-');
  const ja3_raw = `771,${numbers(ciphers)},${numbers(extensions)},29-23-24,0`;
  const ja4_r = `t13d1516h2_${sorted(ciphers)}_${sorted(extensions, ['0000', '0010'])}_${signatures}`;
  return {
    ja3: createHash('md5').update(ja3_raw).digest('hex'),
    ja3_raw,
    ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1',
    ja4_raw: ja4_r,
    ja4_r,
    ja4_o: 't13d1516h2_acb858a92679_18f69afefd3d',
    ja4_ro: `t13d1516h2_${ciphers}_${extensions}_${signatures}`,
  };
}
