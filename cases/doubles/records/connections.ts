/** Doubles that tell a connection wrongly: its addresses, its PROXY header, its frames, and the file itself. */
import { createHash, randomUUID } from 'node:crypto';
import type { RecordDouble } from '../double.ts';
import { onConn, onEvent, onEvery, onH2ctl } from './changes.ts';

export const connections: RecordDouble[] = [
  {
    name: 'client-address-spoofed',
    lie: 'tells the address that a PROXY header claims as that of the TCP peer',
    standsFor: 'wiretracer 1.50: the real peer is not logged, and any client can claim an address',
    filter: onEvery((record) => ({ ...record, peer_ip: record.client_ip, peer_port: record.client_port })),
  },
  {
    name: 'source-ignored',
    lie: 'tells the TCP peer as the client, whatever the PROXY header says',
    standsFor: 'a proxy that forwards PROXY headers and does not read them',
    filter: onEvery((record) => ({ ...record, client_ip: record.peer_ip, client_port: record.peer_port })),
  },
  {
    name: 'destination-lost',
    lie: 'does not tell where the client of a PROXY header was going',
    standsFor: 'a proxy that reads the source of a PROXY header alone',
    filter: onConn((record) => ({ ...record, proxy_dst: null })),
  },
  {
    name: 'tlvs-lost',
    lie: 'does not tell the TLVs of a PROXY v2 header',
    standsFor: 'wiretracer 1.50: TLVs and CRC32c are ignored',
    filter: onConn((record) => ({ ...record, proxy_tlvs: [] })),
  },
  {
    name: 'header-version-1',
    lie: 'tells every PROXY header as one of version 1',
    standsFor: 'a proxy that knows the source and not where it came from',
    filter: onConn((record) => (record.proxy_version === 'v2' ? { ...record, proxy_version: 'v1' } : record)),
  },
  {
    name: 'bad-header-as-none',
    lie: 'tells a broken PROXY header as none',
    standsFor: 'mitmproxy and every server that takes a broken header for the beginning of the request',
    filter: onConn((record) =>
      record.proxy_version === 'invalid' ? { ...record, proxy_version: 'none' } : record,
    ),
  },
  {
    name: 'own-port-lost',
    lie: 'does not tell its own address towards the upstream',
    standsFor: 'wiretracer 1.50: a connection cannot be found again in the log of the upstream',
    filter: onEvery((record) => (record.kind === 'h2ctl' ? record : { ...record, upstream_local: null })),
  },
  {
    name: 'open-unwritten',
    lie: 'writes no open record',
    standsFor: 'wiretracer 1.50: a connection whose PROXY header is wrong has a close only',
    filter: onConn((record) => (record.event === 'open' ? null : record)),
  },
  {
    name: 'connection-per-record',
    lie: 'gives each exchange a connection id of its own',
    standsFor: 'access logs with a request id and no connection id',
    filter: onEvent((event) => ({ ...event, conn_id: randomUUID() })),
  },
  {
    name: 'milliseconds-as-seconds',
    lie: 'writes times in milliseconds',
    standsFor: 'a port of the format to a language whose clock counts milliseconds',
    filter: onEvery((record) =>
      record.kind === 'event'
        ? { ...record, ts_start: record.ts_start * 1000, ts_end: record.ts_end * 1000 }
        : { ...record, ts: record.ts * 1000 },
    ),
  },
  {
    name: 'nulls-omitted',
    lie: 'leaves out the keys that are null',
    standsFor: 'a serializer with omitempty; 1.50 always writes every key',
    filter: onEvery(
      (record) =>
        Object.fromEntries(Object.entries(record).filter(([, value]) => value !== null)) as typeof record,
    ),
  },
  {
    name: 'goaway-unrecorded',
    lie: 'does not tell a GOAWAY that gives an error',
    standsFor: 'wiretracer 1.50: GOAWAY is dropped on the way; Envoy #11420',
    unseen: "the proxy answered by itself: nobody else reads the client's GOAWAY",
    filter: onH2ctl((record) =>
      record.h2_event === 'GOAWAY' && record.details.error_code !== 0 ? null : record,
    ),
  },
  {
    name: 'goaway-words-lost',
    lie: 'does not tell the debug data of a GOAWAY',
    standsFor: 'trafficserver #3525: `too_many_pings` is what one looks for',
    filter: onH2ctl((record) =>
      record.h2_event === 'GOAWAY'
        ? { ...record, details: { ...record.details, debug_data_b64: null } }
        : record,
    ),
  },
  {
    name: 'reset-frames-unrecorded',
    lie: 'does not tell RST_STREAM frames',
    standsFor: 'a proxy that tells the fate of a stream and not who sealed it',
    filter: onH2ctl((record) => (record.h2_event === 'RST_STREAM' ? null : record)),
  },
  {
    name: 'codes-as-internal-error',
    lie: 'tells every error code of HTTP/2 as INTERNAL_ERROR',
    standsFor: 'mitmproxy before PR #3811: a relayed reset has a code of its own',
    unseen: "the proxy answered by itself: nobody else reads the client's GOAWAY",
    filter: onEvery((record) => {
      if (record.kind === 'event' && record.error_code !== null)
        return {
          ...record,
          error_code: 2,
          error_code_name: 'INTERNAL_ERROR',
          cause: record.cause?.replace(/^(h2_\w+):.*$/, '$1:INTERNAL_ERROR') ?? null,
        };
      if (record.kind !== 'h2ctl' || !/^(RST_STREAM|GOAWAY)$/.test(record.h2_event)) return record;
      return {
        ...record,
        details: { ...record.details, error_code: 2 },
        error_code_name: 'INTERNAL_ERROR',
      };
    }),
  },
  {
    name: 'settings-order-lost',
    lie: 'makes the fingerprint of HTTP/2 from the settings in the order of their names',
    standsFor: 'wiretracer 1.50: h2fp sorts the settings; their order tells clients apart',
    filter: onH2ctl((record) => {
      if (record.h2_event !== 'AKAMAI_FINGERPRINT') return record;
      const [settings = '', ...rest] = String(record.details.akamai).split('|');
      const sorted = settings.split(';').toSorted((left, right) => (left < right ? 1 : -1));
      const akamai = [sorted.join(';'), ...rest].join('|');
      const akamai_hash = createHash('md5').update(akamai).digest('hex');
      return { ...record, details: { akamai, akamai_hash } };
    }),
  },
  {
    name: 'acknowledgements-unrecorded',
    lie: 'does not tell that SETTINGS were acknowledged',
    standsFor: 'a proxy that tells what a side asked for and not what was agreed',
    unseen: 'a connection that was broken off may end before SETTINGS are acknowledged',
    filter: onH2ctl((record) => (record.h2_event === 'SETTINGS_ACK' ? null : record)),
  },
];
