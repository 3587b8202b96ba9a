import { createHash } from 'node:crypto';
import { fields150, h2Events150, type Shape } from '../foreign/vocabulary.ts';
import { isObject } from '../json.ts';

type Line = Record<string, unknown>;
type Defect = { name: string; retell(record: Line, upstream: Upstream): Line[] };
/** The section of the listener's configuration. */
type Upstream = Record<string, unknown>;

/**
 * What the stand-in for 1.50 gets wrong on purpose, each by the name the suite's report has to give it. `retell` turns one
 * record of the current proxy into those the described program would have written.
 */
export const defects150: Defect[] = [
  {
    name: 'a connection leaves no record',
    retell: (record) => (record.cause === 'allowlist_denied' ? [] : [record]),
  },
  {
    name: 'a reset is told as a FIN',
    retell: (record) => {
      if (!isClose(record)) return [record];
      const asFin = (word: unknown) => String(word).replace(/_rst$/, '_fin');
      const flags = [...new Set((record.flags as string[]).map(asFin))];
      return [{ ...record, close_reason: asFin(record.close_reason), flags }];
    },
  },
  {
    name: 'a truncated response is told as completed',
    retell: (record) =>
      isClose(record) && record.cause === 'truncated' && record.protocol === 'http/1.1'
        ? [{ ...record, closed_by: 'proxy', close_reason: 'completed', flags: [] }]
        : [record],
  },
  {
    name: 'an exchange that failed is told without an error',
    retell: (record) =>
      record.kind === 'event' && record.protocol === 'http1' && record.cause === 'truncated'
        ? [{ ...record, error: null, flags: [] }]
        : [record],
  },
  {
    name: 'an exchange that was cut off has no event',
    retell: (record) => {
      if (record.kind !== 'event' || record.error === null) return [record];
      const unanswered = (record.response as Line).status === null;
      const reset = String(record.cause).startsWith('h2_rst');
      const cut = record.protocol === 'http1' ? unanswered : !reset;
      return cut || record.local_reply === true ? [] : [record];
    },
  },
  {
    name: 'a refused or unresolvable upstream is told as a failed TLS handshake',
    retell: (record, upstream) => {
      const unreached = ['connection_refused', 'dns_error', 'destination_ip_unroutable'];
      if (!isClose(record) || upstream.tls !== true || !unreached.includes(String(record.cause)))
        return [record];
      return [failedHandshake(record, upstream), record];
    },
  },
  {
    name: 'an alert after the handshake is not told',
    retell: (record) => (record.kind === 'tls' && record.late === true ? [] : [record]),
  },
  {
    name: 'a failed outbound handshake has no category and no detail',
    retell: (record) =>
      record.kind === 'tls' && record.side === 'out'
        ? [{ ...record, category: null, detail: null }]
        : [record],
  },
  {
    name: 'JA4 is not JA4',
    retell: (record) =>
      record.kind === 'tls' ? [{ ...record, fingerprints: otherJa4(record.fingerprints as Line) }] : [record],
  },
  {
    name: 'events never carry the SNI',
    retell: (record) =>
      record.kind === 'event' ? [{ ...record, tls: { ...(record.tls as Line), sni: null } }] : [record],
  },
  {
    name: 'content_length is never told',
    retell: (record) => {
      if (record.kind !== 'event') return [record];
      const without = (message: unknown) => ({ ...(message as Line), content_length: null });
      return [{ ...record, request: without(record.request), response: without(record.response) }];
    },
  },
];

/** What the stand-in does by leaving `sample_rate` out of the configuration it passes on. */
export const ignoresSampleRate = 'an event is written where none was due';

/** A record of the current proxy as the described program would have written it: in none, one or two lines. */
export function retold150(record: Line, defects: Defect[], upstream: Upstream): Line[] {
  if (!(String(record.kind) in fields150)) return [];
  if (record.kind === 'h2ctl' && !h2Events150.includes(String(record.h2_event))) return [];
  return defects
    .reduce((lines, { retell }) => lines.flatMap((line) => retell(line, upstream)), [record])
    .map((line) => only(line, fields150[String(line.kind)]!));
}

function only(line: Line, shape: Shape): Line {
  return Object.fromEntries(
    Object.entries(line).flatMap(([key, value]) => {
      const below = shape[key];
      if (below === undefined) return [];
      return [[key, below === true || !isObject(value) ? value : only(value, below)]];
    }),
  );
}

function isClose(record: Line): boolean {
  return record.kind === 'conn' && record.event === 'close';
}

/** `tls_out` is told ssl_error for whatever kept the upstream away. */
function failedHandshake(close: Line, upstream: Upstream): Line {
  const { ts, listener, client_ip, client_port, upstream_addr, conn_id } = close;
  return {
    kind: 'tls',
    id: createHash('md5').update(String(conn_id)).digest('hex'),
    ts,
    listener,
    client_ip,
    client_port,
    side: 'out',
    outcome: 'fail',
    reason: 'ssl_error',
    category: null,
    detail: null,
    tls: { sni: null, alpn: null, version: null, cipher: null },
    upstream: {
      addr: upstream_addr,
      verify: upstream.verify ?? true,
      server_name: upstream.server_name ?? null,
      ca: upstream.ca ?? null,
      alpn: upstream.alpn ?? ['h2', 'http/1.1'],
      mtls: upstream.client_cert !== undefined && upstream.client_key !== undefined,
    },
    fingerprints: {},
    conn_id,
  };
}

/** Lists in the order of the wire, joined by `-`, groups hashed with the extensions; and the raw form is the hash again. */
function otherJa4(fingerprints: Line): Line {
  if (typeof fingerprints.ja4 !== 'string') return fingerprints;
  const [, ciphers = '', extensions = '', groups = ''] = String(fingerprints.ja3_raw).split(',');
  const hex = (list: string) =>
    list
      .split('-')
      .map((number) => Number(number).toString(16).padStart(4, '0'))
      .join('-');
  const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);
  const [head] = fingerprints.ja4.split('_');
  const ja4 = `${head}_${hash(hex(ciphers))}_${hash(`${hex(extensions)}|${hex(groups)}`)}`;
  return { ...fingerprints, ja4, ja4_raw: ja4 };
}
