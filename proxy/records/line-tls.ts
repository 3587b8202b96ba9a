import type { ConnectionContext } from '../connection/context.ts';
import { integer, maybeText, real, text, texts, tlsParameters } from './line-parts.ts';
import type { TlsFields } from './log.ts';
import type { Redaction } from './redaction.ts';

/** One `tls` line, newline included; key order as in TlsRecord. */
export function tlsLine(
  id: string,
  seq: number,
  context: ConnectionContext,
  redaction: Redaction,
  f: TlsFields,
): string {
  return (
    `{"kind":"tls","id":"${id}","ts":${real(f.ts)},"listener":${redaction.listenerJson}` +
    `,"client_ip":${text(context.clientIp)},"client_port":${context.clientPort}` +
    `,"side":"${f.side}","outcome":"${f.outcome}","reason":${maybeText(f.reason)}` +
    `,"category":${maybeText(f.category)},"detail":${maybeText(f.detail)},"tls":${tlsParameters(f.tls)}` +
    `,"upstream":${upstream(f.upstream)},"fingerprints":${JSON.stringify(f.fingerprints)}` +
    `,"conn_id":"${context.connId}","seq":${seq}` +
    `,"peer_ip":${text(context.peerIp)},"peer_port":${context.peerPort}` +
    `,"upstream_local":${maybeText(context.upstreamLocal)},"duration_ms":${integer(f.duration_ms)}` +
    `,"alert":${alert(f.alert)},"peer_cert":${certificate(f.peer_cert)}` +
    `,"resumed":${f.resumed},"late":${f.late},"cause":${maybeText(f.cause)}}\n`
  );
}

/** Inbound rows carry the address alone, as in 1.50: a key that was not given is not written. */
function upstream(u: TlsFields['upstream']): string {
  let line = `{"addr":${text(u.addr)}`;
  if (u.verify !== undefined) line += `,"verify":${u.verify}`;
  if (u.server_name !== undefined) line += `,"server_name":${maybeText(u.server_name)}`;
  if (u.ca !== undefined) line += `,"ca":${maybeText(u.ca)}`;
  if (u.alpn !== undefined) line += `,"alpn":${texts(u.alpn)}`;
  if (u.mtls !== undefined) line += `,"mtls":${u.mtls}`;
  return `${line}}`;
}

const alert = (a: TlsFields['alert']): string =>
  a === null ? 'null' : `{"direction":"${a.direction}","number":${integer(a.number)},"name":${text(a.name)}}`;

const certificate = (c: TlsFields['peer_cert']): string =>
  c === null
    ? 'null'
    : `{"subject":${text(c.subject)},"issuer":${text(c.issuer)},"not_before":${text(c.not_before)}` +
      `,"not_after":${text(c.not_after)},"san":${maybeText(c.san)},"fingerprint256":${text(c.fingerprint256)}}`;
