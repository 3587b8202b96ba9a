import { randomBytes } from 'node:crypto';
import { Transcript } from '../../protos/tls13/handshake-messages.ts';
import type { KeyShare } from '../../protos/tls13/key-exchange.ts';
import { contentType } from '../../protos/tls13/record-protection.ts';
import type { Identity } from '../../protos/tls13/signatures.ts';
import type { ForgeSocket } from './forge-socket.ts';
import type { ClientStage, ForgeClientPlan, ForgeClientReport } from './plan.ts';

/** The plan ended the conversation. */
export class Stopped extends Error {}

const maxReceivedBytes = 65_536;

/** What one forged connection carries from message to message. */
export class ClientSession {
  readonly io: ForgeSocket;
  readonly plan: ForgeClientPlan;
  readonly identity: Identity | null;
  readonly shares: readonly KeyShare[];
  readonly transcript = new Transcript();
  readonly random = randomBytes(32);
  readonly report: ForgeClientReport = {
    stage: null,
    did: null,
    cipherSuite: null,
    alpn: null,
    serverCertificate: null,
    certificateRequested: false,
    receivedBytes: 0,
    received: Buffer.alloc(0),
    peerAlert: null,
    peerEnd: null,
    error: null,
  };
  readonly #onProgress: (report: Readonly<ForgeClientReport>) => void;

  constructor(
    io: ForgeSocket,
    plan: ForgeClientPlan,
    identity: Identity | null,
    shares: readonly KeyShare[],
    onProgress: (report: Readonly<ForgeClientReport>) => void,
  ) {
    this.io = io;
    this.plan = plan;
    this.identity = identity;
    this.shares = shares;
    this.#onProgress = onProgress;
  }

  /** Does what the plan has for this stage. Throws Stopped when that ends the conversation. */
  reach(stage: ClientStage): void {
    const { alert, badRecord, stall, close } = this.plan;
    const fatal = alert?.at === stage && alert.level !== 1;
    this.report.stage = stage;
    this.report.did = this.#doing(stage) ?? this.report.did;
    this.progress();
    if (badRecord?.at === stage) this.#sendBadRecord();
    if (alert?.at === stage) this.io.sendAlert(alert.level ?? 2, alert.code);
    if (close?.at === stage) this.io.end(close.how);
    else if (fatal && stall !== stage) this.io.end('fin_without_close_notify');
    if (close?.at === stage || stall === stage || fatal) throw new Stopped(stage);
  }

  keep(data: Buffer): void {
    this.report.receivedBytes += data.length;
    const room = maxReceivedBytes - this.report.received.length;
    if (room > 0) this.report.received = Buffer.concat([this.report.received, data.subarray(0, room)]);
  }

  progress(): void {
    this.#onProgress(this.report);
  }

  sendHandshake(...messages: Buffer[]): void {
    for (const message of messages) this.transcript.add(message);
    this.io.send(contentType.handshake, Buffer.concat(messages));
  }

  #doing(stage: ClientStage): ForgeClientReport['did'] {
    const { alert, badRecord, stall, close } = this.plan;
    if (alert?.at === stage) return 'alert';
    if (badRecord?.at === stage) return 'bad_record';
    if (close?.at === stage) return 'close';
    return stall === stage ? 'stall' : null;
  }

  #sendBadRecord(): void {
    const record = this.io.writer!.seal(contentType.applicationData, Buffer.from('corrupted'));
    record.writeUInt8(record.readUInt8(record.length - 1) ^ 0xff, record.length - 1);
    this.io.sendRaw(record);
  }
}
