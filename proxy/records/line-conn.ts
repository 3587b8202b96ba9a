import type { ConnectionContext } from '../connection/context.ts';
import { integer, maybeBoolean, maybeText, real, text, texts } from './line-parts.ts';
import type { ConnFields } from './log.ts';
import { type Redaction, redactPath, redactTid } from './redaction.ts';

/** One `conn` line, newline included; key order as in ConnRecord. */
export function connLine(
  id: string,
  seq: number,
  context: ConnectionContext,
  redaction: Redaction,
  f: ConnFields,
): string {
  const path = redactPath(f.path, redaction);
  return (
    `{"kind":"conn","id":"${id}","ts":${real(f.ts)},"listener":${redaction.listenerJson}` +
    `,"client_ip":${text(context.clientIp)},"client_port":${context.clientPort}` +
    `,"upstream_addr":${redaction.upstreamAddrJson},"event":"${f.event}"` +
    `,"proxy_version":${maybeText(f.proxy_version)},"proxy_src":${maybeText(f.proxy_src)}` +
    `,"proxy_dst":${maybeText(f.proxy_dst)},"closed_by":${maybeText(f.closed_by)}` +
    `,"close_reason":${maybeText(f.close_reason)},"duration_ms":${integer(f.duration_ms)}` +
    `,"flags":${texts(f.flags)},"conn_id":"${context.connId}"` +
    `,"tid":${maybeText(redactTid(f.tid, redaction))},"path":${maybeText(path)},"seq":${seq}` +
    `,"peer_ip":${text(context.peerIp)},"peer_port":${context.peerPort}` +
    `,"upstream_local":${maybeText(context.upstreamLocal)},"cause":${maybeText(f.cause)}` +
    `,"term":${maybeText(f.term)},"error":${maybeText(f.error)},"protocol":${maybeText(f.protocol)}` +
    `,"bytes_in":${integer(f.bytes_in)},"bytes_out":${integer(f.bytes_out)}` +
    `,"proxy_tlvs":${f.proxy_tlvs.length === 0 ? '[]' : `[${f.proxy_tlvs.map(tlv).join(',')}]`}` +
    `,"proxy_command":${maybeText(f.proxy_command)},"client_end":${maybeText(f.client_end)}` +
    `,"upstream_end":${maybeText(f.upstream_end)}` +
    `,"client_close_notify":${maybeBoolean(f.client_close_notify)}` +
    `,"upstream_close_notify":${maybeBoolean(f.upstream_close_notify)}}\n`
  );
}

const tlv = (one: ConnFields['proxy_tlvs'][number]): string =>
  `{"type":${integer(one.type)},"name":${text(one.name)},"value_hex":${text(one.value_hex)}}`;
