import { at } from './filter/fields.ts';
import { printable } from './printable.ts';
import type { ReadRecord } from './reading/record-reader.ts';

/** A record in one line for people: when, who, what. */
export function recordLine(record: ReadRecord): string {
  const client = record.client_ip === undefined ? '' : `${record.client_ip}:${record.client_port}`;
  const words = [timeOf(record), record.listener, client, ...(tellers[record.kind] ?? unknown)(record)];
  return printable(words.filter(isWord).join(' '));
}

type Words = (string | number | false)[];

const tellers: Readonly<Record<string, (record: ReadRecord) => Words>> = {
  conn: (record) =>
    record.event === 'close'
      ? [
          'conn close',
          text(record.closed_by),
          text(record.close_reason),
          text(record.term),
          text(record.cause),
          ms(record.duration_ms),
          bytes(record),
          quoted(record.error),
        ]
      : [
          'conn',
          text(record.event),
          record.event === 'wait' && text(record.close_reason),
          `-> ${text(record.upstream_addr)}`,
          labelled('proxy', record.proxy_version),
          labelled('src', record.proxy_src),
          labelled('dst', record.proxy_dst),
        ],
  tls: (record) => [
    'tls',
    text(record.side),
    text(record.outcome),
    record.late === true && 'late',
    text(at(record, 'tls', 'version')),
    text(at(record, 'tls', 'alpn')),
    labelled('sni', at(record, 'tls', 'sni') ?? at(record, 'fingerprints', 'sni_ch')),
    text(record.cause) || text(record.reason),
    labelled('alert', at(record, 'alert', 'name')),
    ms(record.duration_ms),
    quoted(record.detail),
  ],
  event: (record) => [
    text(record.protocol),
    text(at(record, 'request', 'method')),
    text(at(record, 'request', 'path')),
    text(at(record, 'response', 'status')) || '-',
    labelled('grpc-status', record.grpc_status ?? at(record, 'response', 'headers', 'grpc-status')),
    ms(record.duration_ms),
    bytes(record),
    text(record.cause),
    quoted(record.error),
  ],
  h2ctl: (record) => [
    'h2ctl',
    text(record.direction),
    text(record.h2_event),
    labelled('stream', record.stream_id),
    text(record.error_code_name),
    record.details !== undefined && JSON.stringify(record.details),
  ],
  meta: (record) => ['meta', text(record.event), text(record.version)],
};

const unknown = (record: ReadRecord): Words => [record.kind];

function isWord(word: unknown): word is string | number {
  return typeof word === 'number' || (typeof word === 'string' && word !== '');
}

function timeOf(record: ReadRecord): string {
  const ts = record.ts ?? record.ts_start;
  // Beyond this there is no date.
  return typeof ts === 'number' && Math.abs(ts) < 8.64e12 ? new Date(ts * 1000).toISOString() : '-';
}

function text(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

function labelled(label: string, value: unknown): string {
  return text(value) === '' ? '' : `${label}=${text(value)}`;
}

function quoted(value: unknown): string {
  return text(value) === '' ? '' : JSON.stringify(text(value));
}

function ms(value: unknown): string {
  return typeof value === 'number' ? `${value}ms` : '';
}

function bytes(record: ReadRecord): string {
  return typeof record.bytes_in === 'number' ? `in=${record.bytes_in} out=${text(record.bytes_out)}` : '';
}
