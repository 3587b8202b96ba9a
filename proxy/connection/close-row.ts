import type { ConnFields } from '../records/log.ts';
import type { Session } from './session.ts';
import type { Verdict } from './verdict.ts';

/** The last line of a connection. */
export function writeCloseRow(session: Session, verdict: Verdict, nowMs: number): void {
  const { context } = session;
  context.log.conn(context, {
    ...neutral(session, nowMs),
    event: 'close',
    closed_by: verdict.closedBy,
    close_reason: verdict.closeReason,
    duration_ms: Math.max(0, Math.round(nowMs - context.acceptedAtMs)),
    flags: verdict.flags,
    tid: session.tid,
    path: session.path,
    cause: verdict.cause,
    term: verdict.term,
    error: verdict.error,
    protocol: session.protocol,
    bytes_in: session.bytesIn,
    bytes_out: session.bytesOut,
    client_end: session.clientEnd,
    upstream_end: session.upstreamEnd,
    client_close_notify: session.clientCloseNotify,
    upstream_close_notify: session.upstreamCloseNotify,
  });
}

/** Written once the PROXY header and the ClientHello are known; its time is that of accept. */
export function writeOpenRow(session: Session): void {
  const { context } = session;
  context.log.conn(context, { ...neutral(session, context.acceptedAtMs), event: 'open' });
}

/** The connection waited for a slot; `close_reason` says how long, as in 1.50. */
export function writeWaitRow(session: Session, waitedMs: number): void {
  const { context } = session;
  context.log.conn(context, {
    ...neutral(session, context.acceptedAtMs),
    event: 'wait',
    close_reason: `${Math.round(waitedMs)}ms`,
  });
}

function neutral({ proxy }: Session, tsMs: number): ConnFields {
  return {
    ts: tsMs / 1000,
    event: 'open',
    proxy_version: proxy.version,
    proxy_src: proxy.src,
    proxy_dst: proxy.dst,
    closed_by: null,
    close_reason: null,
    duration_ms: null,
    flags: [],
    tid: null,
    path: null,
    cause: null,
    term: null,
    error: null,
    protocol: null,
    bytes_in: null,
    bytes_out: null,
    proxy_tlvs: proxy.tlvs,
    proxy_command: proxy.command,
    client_end: null,
    upstream_end: null,
    client_close_notify: null,
    upstream_close_notify: null,
  };
}
