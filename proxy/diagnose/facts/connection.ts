import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { type Close, readClose } from './close.ts';
import { addControl, type ControlFacts, createControlFacts } from './control.ts';
import { addToGroup, type ExchangeGroup, isPlainSuccess, readExchange, signatureOf } from './exchange.ts';
import { type Handshake, readHandshake } from './handshake.ts';
import type { Success } from './skim.ts';
import { numberOf, objectOf, type Source, sourceOf, textOf } from './values.ts';

/** What is known of one connection: its records, folded. Its size is bounded whatever the records hold. */
export type Connection = {
  id: string;
  listener: string;
  /** The PROXY source where there was one, else the TCP peer. */
  clientIp: string;
  clientPort: number;
  peerIp: string;
  peerPort: number;
  upstream: string;
  firstLine: number;
  /** Least and greatest time any of its records tells. */
  firstTs: number | null;
  lastTs: number | null;
  open: (Source & { ts: number | null }) | null;
  wait: (Source & { waitedMs: number | null }) | null;
  proxyVersion: string | null;
  proxySource: string | null;
  proxyCommand: string | null;
  tlsIn: Handshake | null;
  tlsOut: Handshake | null;
  /** Alerts that came after a handshake had been recorded as ok. */
  late: Handshake[];
  control: ControlFacts;
  exchanges: number;
  /** Exchanges of which nothing is to be said. */
  successes: number;
  /** Those of which something is, by signature; what goes beyond 32 kinds is in `otherExchanges`. */
  groups: Map<string, ExchangeGroup>;
  otherExchanges: number;
  /** The last successful exchange, its end and the slowest of all. */
  lastSuccess: (Source & { endTs: number | null; durationMs: number | null; path: string | null }) | null;
  slowestMs: number;
  close: Close | null;
  /** A record of it matched the filter of --where. */
  wanted: boolean;
};

const mostGroups = 32;

export function createConnection(id: string, record: ReadRecord, line: number): Connection {
  const clientIp = textOf(record.client_ip, 60) ?? '';
  return {
    id,
    listener: textOf(record.listener, 200) ?? '',
    clientIp,
    clientPort: numberOf(record.client_port) ?? 0,
    peerIp: textOf(record.peer_ip, 60) ?? '',
    peerPort: numberOf(record.peer_port) ?? 0,
    upstream: '',
    firstLine: line,
    firstTs: null,
    lastTs: null,
    open: null,
    wait: null,
    proxyVersion: null,
    proxySource: null,
    proxyCommand: null,
    tlsIn: null,
    tlsOut: null,
    late: [],
    control: createControlFacts(),
    exchanges: 0,
    successes: 0,
    groups: new Map(),
    otherExchanges: 0,
    lastSuccess: null,
    slowestMs: 0,
    close: null,
    wanted: false,
  };
}

/** Take one record into account; the order of the records does not matter. */
export function addRecord(connection: Connection, record: ReadRecord, line: number): void {
  switch (record.kind) {
    case 'conn':
      addConn(connection, record, line);
      break;
    case 'tls':
      addTls(connection, record, line);
      break;
    case 'event':
      addEvent(connection, record, line);
      break;
    case 'h2ctl':
      seen(connection, numberOf(record.ts));
      addControl(connection.control, record, line);
      break;
  }
}

function addConn(connection: Connection, record: ReadRecord, line: number): void {
  const ts = numberOf(record.ts);
  seen(connection, ts);
  connection.upstream = textOf(record.upstream_addr, 200) ?? connection.upstream;
  const version = textOf(record.proxy_version, 20);
  if (version !== null) connection.proxyVersion = version;
  connection.proxySource = textOf(record.proxy_src, 100) ?? connection.proxySource;
  connection.proxyCommand = textOf(record.proxy_command, 20) ?? connection.proxyCommand;
  if (record.event === 'close') connection.close = readClose(record, line);
  else if (record.event === 'open') connection.open = { ...sourceOf(record, line), ts };
  else if (record.event === 'wait') {
    const waited = /^(\d+)ms$/.exec(textOf(record.close_reason) ?? '');
    connection.wait = { ...sourceOf(record, line), waitedMs: waited === null ? null : Number(waited[1]) };
  }
  // The PROXY header may have come after the first record.
  connection.clientIp = textOf(record.client_ip, 60) ?? connection.clientIp;
}

function addTls(connection: Connection, record: ReadRecord, line: number): void {
  const handshake = readHandshake(record, line);
  seen(connection, handshake.ts);
  if (connection.upstream === '')
    connection.upstream = textOf(objectOf(record.upstream).addr, 200) ?? connection.upstream;
  if (handshake.late) {
    if (connection.late.length < 4) connection.late.push(handshake);
  } else if (handshake.side === 'in') connection.tlsIn = handshake;
  else connection.tlsOut = handshake;
}

function addEvent(connection: Connection, record: ReadRecord, line: number): void {
  connection.exchanges += 1;
  const endTs = numberOf(record.ts_end);
  seen(connection, numberOf(record.ts_start));
  seen(connection, endTs);
  connection.upstream = textOf(record.upstream_addr, 200) ?? connection.upstream;
  if (isPlainSuccess(record)) {
    const durationMs = numberOf(record.duration_ms);
    const path = textOf(objectOf(record.request).path, 200);
    succeed(connection, { record: textOf(record.id), startTs: null, endTs, durationMs, path }, line);
    return;
  }
  const signature = signatureOf(record);
  const group = connection.groups.get(signature);
  if (group !== undefined) addToGroup(group, record);
  else if (connection.groups.size < mostGroups) connection.groups.set(signature, readExchange(record, line));
  else connection.otherExchanges += 1;
}

/** One more exchange of which nothing is to be said. */
export function addSuccess(connection: Connection, success: Success, line: number): void {
  connection.exchanges += 1;
  seen(connection, success.startTs);
  seen(connection, success.endTs);
  succeed(connection, success, line);
}

function succeed(connection: Connection, { record, endTs, durationMs, path }: Success, line: number): void {
  connection.successes += 1;
  if (durationMs !== null && durationMs > connection.slowestMs) connection.slowestMs = durationMs;
  const last = connection.lastSuccess?.endTs ?? null;
  if (last === null || endTs === null || endTs >= last)
    connection.lastSuccess = { record, line, kind: 'event', endTs, durationMs, path };
}

function seen(connection: Connection, ts: number | null): void {
  if (ts === null) return;
  if (connection.firstTs === null || ts < connection.firstTs) connection.firstTs = ts;
  if (connection.lastTs === null || ts > connection.lastTs) connection.lastTs = ts;
}
