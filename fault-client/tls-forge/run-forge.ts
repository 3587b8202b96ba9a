import type { ClientSpec } from '../../protos/control/fault-client.ts';
import type { SocketEnd } from '../connect/socket-end.ts';
import { openRaw } from '../faults/open.ts';
import { hostOf } from '../h1/host.ts';
import { requestHeaders, requestMethod, requestPath } from '../h1/request-head.ts';
import type { Run } from '../run/run.ts';
import { RunError } from '../run/run-error.ts';
import { forgeClient } from './client.ts';
import { clientStages, type ForgeClientPlan, type ForgeClientReport } from './plan.ts';

/**
 * Carries a plan out as one run: TCP, PROXY header, forged TLS with one HTTP/1.1 GET. SNI, ALPN (default `http/1.1`)
 * and the client certificate are the specification's. Rejects when the server ended the conversation before the plan
 * could do its deed, or before it answered a plan that has none.
 */
export async function runForge(spec: ClientSpec, run: Run, deed: DeedPlan): Promise<void> {
  const identity = spec.tls?.cert === undefined ? {} : run.certificates.get(spec.tls.cert);
  const plan: ForgeClientPlan = {
    servername: spec.tls?.servername ?? 'localhost',
    alpn: spec.tls?.alpn ?? ['http/1.1'],
    ...identity,
    request: getRequest(spec),
    ...deed,
  };
  const { raw, end } = await openRaw(spec, run);
  run.phase = 'tls';
  const report = await forgeClient(raw, plan, (seen) => follow(seen, plan, run, end));
  if (report.received.length > 0) run.received(report.received);
  if (report.peerAlert) run.notes.push(`alert ${report.peerAlert.code} received`);
  const misbehaves = deed.alert ?? deed.record ?? deed.keyUpdates ?? deed.message ?? deed.stall ?? deed.close;
  if (misbehaves ? report.did === null : report.receivedBytes === 0) throw notDone(report, run);
}

export type DeedPlan = Omit<ForgeClientPlan, 'servername' | 'alpn' | 'cert' | 'key' | 'request'>;

function follow(report: Readonly<ForgeClientReport>, plan: ForgeClientPlan, run: Run, end: SocketEnd): void {
  // A close_notify ends our side of the stream, although it is no fatal alert (RFC 8446 6.1).
  const endsByAlert = plan.alert?.level !== 1 || plan.alert.code === 0;
  const cut = report.did === 'bad_record' && plan.record?.how === 'truncate';
  const ends = report.did === 'close' || cut || (report.did === 'alert' && endsByAlert);
  if (ends || report.error !== null) end.self();
  else if (report.peerAlert !== null) end.by ??= 'peer';
  const standing = clientStages.indexOf('after_handshake');
  if (run.tls !== null || clientStages.indexOf(report.stage ?? clientStages[0]) < standing) return;
  run.secured({
    version: plan.version,
    cipher: report.cipherSuite ?? '',
    alpn: report.alpn,
    server_cert: report.serverCertificate,
  });
}

function notDone(report: ForgeClientReport, run: Run): RunError {
  if (report.error) return new RunError(run.phase, 'ERR_TLS_PEER', report.error.message);
  const alert = report.peerAlert?.code ?? 0;
  if (alert > 0) return new RunError(run.phase, `ALERT_${alert}`, `the server sent alert ${alert}`);
  const how = report.peerEnd === 'rst' ? 'ECONNRESET' : 'EARLY_FIN';
  return new RunError(run.phase, how, `the server ended the connection after ${report.stage}`);
}

/** One request that asks the server to close, so that the answer has an end. A body is not sent. */
function getRequest(spec: ClientSpec): Buffer {
  const request = { ...spec.request, body: undefined };
  const headers: [string, string][] = [...requestHeaders(request, hostOf(spec)), ['Connection', 'close']];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `${requestMethod(request)} ${requestPath(request)} HTTP/1.1\r\n${lines}\r\n`;
  return Buffer.from(head, 'latin1');
}
