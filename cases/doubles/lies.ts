/** What a lying proxy writes instead of the truth: each lie turns one true record into what is written, or into nothing. */
export type ProxyRecord = Record<string, unknown>;

export type Lie = {
  summary: string;
  /** Null: the line is not written. Left out: records are passed on as they are. */
  record?: (record: ProxyRecord) => ProxyRecord | null;
  /** The PROXY header is cut off on its way to the upstream. */
  dropsProxyHeader?: boolean;
  /** The proxy is killed when it has opened that many connections. */
  diesOnConnection?: number;
};

export const lies: Record<string, Lie> = {
  'drop-proxy-header': {
    summary: 'relays without the PROXY header and records it as forwarded',
    dropsProxyHeader: true,
  },
  completed: {
    summary: 'reports every close as completed by the proxy, whoever ended it',
    record: (record) =>
      isClose(record) ? { ...record, closed_by: 'proxy', close_reason: 'completed', flags: [] } : record,
  },
  'no-close': {
    summary: 'never writes a close record',
    record: (record) => (isClose(record) ? null : record),
  },
  'dies-on-third': {
    summary: 'dies when it has opened its third connection',
    diesOnConnection: 3,
  },
};

function isClose(record: ProxyRecord): boolean {
  return record.kind === 'conn' && record.event === 'close';
}
