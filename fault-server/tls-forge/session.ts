import { randomBytes } from 'node:crypto';
import { faultyRecord } from '../../protos/tls13/faulty-record.ts';
import { Transcript } from '../../protos/tls13/handshake-messages.ts';
import { contentType } from '../../protos/tls13/record-protection.ts';
import { type Identity, subjectName } from '../../protos/tls13/signatures.ts';
import type { ForgeSocket } from './forge-socket.ts';
import type { ForgeServerPlan, ForgeServerReport, ServerLie, ServerStage } from './plan.ts';

/** The plan ended the conversation. */
export class Stopped extends Error {}

/** What one forged connection carries from message to message. */
export class ServerSession {
  readonly io: ForgeSocket;
  readonly plan: ForgeServerPlan;
  readonly identity: Identity;
  readonly transcript = new Transcript();
  // Without the downgrade marker of RFC 8446 4.1.3: a TLS 1.2 plan must not look like an attack.
  readonly random = randomBytes(32);
  readonly report: ForgeServerReport = {
    stage: null,
    did: null,
    cipherSuite: null,
    servername: null,
    alpn: null,
    clientAlpn: [],
    clientCertificate: null,
    receivedBytes: 0,
    peerAlert: null,
    peerEnd: null,
    error: null,
  };
  readonly #onProgress: (report: Readonly<ForgeServerReport>) => void;

  constructor(
    io: ForgeSocket,
    plan: ForgeServerPlan,
    identity: Identity,
    onProgress: (report: Readonly<ForgeServerReport>) => void,
  ) {
    this.io = io;
    this.plan = plan;
    this.identity = identity;
    this.#onProgress = onProgress;
  }

  /** Does what the plan has for this stage. Throws Stopped when that ends the conversation. */
  reach(stage: ServerStage): void {
    const { alert, stall, close, record } = this.plan;
    const fatal = alert?.at === stage && alert.level !== 1;
    const cut = record?.at === stage && record.how === 'truncate';
    this.report.stage = stage;
    this.report.did = this.#doing(stage) ?? this.report.did;
    this.progress();
    if (record?.at === stage) this.io.sendRaw(faultyRecord(this.io.writer!, record.how));
    if (cut) this.io.end('fin_without_close_notify');
    if (alert?.at === stage) this.io.sendAlert(alert.level ?? 2, alert.code);
    if (close?.at === stage) this.io.end(close.how);
    else if (fatal && stall !== stage) this.io.end('fin_without_close_notify');
    if (close?.at === stage || stall === stage || fatal || cut) throw new Stopped(stage);
  }

  /** Whether the plan has this lie; it is then told as done. */
  lies(lie: ServerLie): boolean {
    if (this.plan.lie !== lie) return false;
    this.report.did = 'lie';
    this.progress();
    return true;
  }

  clientChain(chain: readonly Buffer[]): void {
    this.report.clientCertificate = subjectName(chain[0]);
  }

  progress(): void {
    this.#onProgress(this.report);
  }

  sendHandshake(...messages: Buffer[]): void {
    for (const message of messages) this.transcript.add(message);
    this.io.send(contentType.handshake, Buffer.concat(messages));
  }

  sendData(data: Buffer): void {
    this.io.send(contentType.applicationData, data);
  }

  #doing(stage: ServerStage): ForgeServerReport['did'] {
    const { alert, stall, close, record } = this.plan;
    if (alert?.at === stage) return 'alert';
    if (record?.at === stage) return 'bad_record';
    if (close?.at === stage) return 'close';
    return stall === stage ? 'stall' : null;
  }
}
