import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { EventRecord, H2ctlRecord } from '../../../protos/records/records.ts';
import type { ConnectionContext } from '../../connection/context.ts';
import type { EventFields, H2ctlFields, RecordLog } from '../../records/log.ts';
import type { Tap } from '../tap.ts';
import { createH2Tap } from './tap.ts';

export type Recording = { tap: Tap; events: EventFields[]; rows: H2ctlFields[]; nowMs: { value: number } };

/** A tap whose records are kept, on a clock that stands still until it is moved. */
export function recordingTap(logging: Partial<ConnectionContext['listener']['logging']> = {}): Recording {
  const events: EventFields[] = [];
  const rows: H2ctlFields[] = [];
  const nowMs = { value: 1_000_000 };
  const log: RecordLog = {
    conn: () => {},
    tls: () => {},
    event: (_context, fields) => events.push(valid(isEvent, 'event', structuredClone(fields))),
    h2ctl: (_context, fields) => rows.push(valid(isH2ctl, 'h2ctl', structuredClone(fields))),
    congested: false,
    onceDrained: () => {},
  };
  const context: ConnectionContext = {
    connId: 'c',
    log,
    acceptedAtMs: 0,
    peerIp: '127.0.0.1',
    peerPort: 1,
    clientIp: '127.0.0.1',
    clientPort: 1,
    upstreamLocal: null,
    tlsIn: { sni: null, alpn: 'h2', version: null, cipher: null },
    listener: {
      name: 'test',
      host: '127.0.0.1',
      port: 0,
      tls: null,
      proxyProtocol: { mode: 'off', trusted: [], timeoutMs: 0 },
      upstream: { addr: 'up:1', host: 'up', port: 1, tls: null },
      policy: {
        allowlist: [],
        maxConnections: 1,
        maxconnWaitWarnMs: 0,
        maxconnWaitTimeoutMs: 0,
        upstreamConnectTimeoutMs: 0,
        upstreamHandshakeTimeoutMs: 0,
        tlsHandshakeTimeoutMs: 0,
        readTimeoutMs: 0,
        idleTimeoutMs: 0,
      },
      logging: {
        logHeaders: true,
        logBody: false,
        bodyMaxBytes: 10 << 20,
        redactHeaders: [],
        redactQuery: [],
        sampleRate: 1,
        h2ControlEvents: true,
        ...logging,
      },
    },
  };
  return { tap: createH2Tap(context, () => nowMs.value), events, rows, nowMs };
}

const ajv = new Ajv2020({ allErrors: true });
const isEvent: ValidateFunction = ajv.compile(EventRecord);
const isH2ctl: ValidateFunction = ajv.compile(H2ctlRecord);

/** What the log fills in, so that the fields of the tap can be held against the whole schema. */
const filled = {
  id: 'i',
  listener: 'test',
  client_ip: '127.0.0.1',
  client_port: 1,
  conn_id: 'c',
  seq: 0,
  peer_ip: '127.0.0.1',
  peer_port: 1,
};

function valid<Fields extends EventFields | H2ctlFields>(
  validate: ValidateFunction,
  kind: 'event' | 'h2ctl',
  fields: Fields,
): Fields {
  const own = kind === 'event' ? { upstream_addr: 'up:1', upstream_local: null } : { ts: 1 };
  if (validate({ ...fields, ...filled, ...own, kind })) return fields;
  throw new Error(`not a valid ${kind} record: ${ajv.errorsText(validate.errors)}`);
}
