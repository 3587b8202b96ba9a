import { randomBytes } from 'node:crypto';
import { u8 } from '../../protos/tls13/bytes.ts';
import type { CipherSuite } from '../../protos/tls13/cipher-suites.ts';
import { faultyRecord } from '../../protos/tls13/faulty-record.ts';
import {
  certificate13,
  handshakeMessage,
  handshakeType,
  Transcript,
} from '../../protos/tls13/handshake-messages.ts';
import type { KeyShare } from '../../protos/tls13/key-exchange.ts';
import { nextTrafficSecret } from '../../protos/tls13/key-schedule.ts';
import { contentType, tls13Protection } from '../../protos/tls13/record-protection.ts';
import type { Identity } from '../../protos/tls13/signatures.ts';
import type { ForgeSocket } from './forge-socket.ts';
import type { ClientStage, ForgeClientPlan, ForgeClientReport, LateMessage } from './plan.ts';

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
  readonly sessionId: Buffer;
  /** The handshake message as it was sent first. */
  hello: Buffer = Buffer.alloc(0);
  /** TLS 1.3, from the end of the handshake on: what the next KeyUpdate derives its keys from. */
  application: { suite: CipherSuite; clientSecret: Buffer } | null = null;
  readonly report: ForgeClientReport = {
    stage: null,
    did: null,
    retried: false,
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
    this.sessionId = plan.version === 'TLSv1.3' ? randomBytes(32) : Buffer.alloc(0);
    this.identity = identity;
    this.shares = shares;
    this.#onProgress = onProgress;
  }

  /** Does what the plan has for this stage. Throws Stopped when that ends the conversation. */
  reach(stage: ClientStage): void {
    const { alert, record, keyUpdates, message, stall, close } = this.plan;
    const fatal = alert?.at === stage && alert.level !== 1;
    const cut = record?.at === stage && record.how === 'truncate';
    this.report.stage = stage;
    this.report.did = this.#doing(stage) ?? this.report.did;
    this.progress();
    if (record?.at === stage) this.io.sendRaw(faultyRecord(this.io.writer!, record.how));
    if (cut) this.io.end('fin_without_close_notify');
    if (keyUpdates?.at === stage) this.#updateKeys(keyUpdates.count);
    if (message?.at === stage) this.io.send(contentType.handshake, this.#late(message.kind));
    if (alert?.at === stage) this.io.sendAlert(alert.level ?? 2, alert.code);
    if (close?.at === stage) this.io.end(close.how);
    else if (fatal && stall !== stage) this.io.end('fin_without_close_notify');
    if (close?.at === stage || stall === stage || fatal || cut) throw new Stopped(stage);
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
    const { alert, record, keyUpdates, message, stall, close } = this.plan;
    if (alert?.at === stage) return 'alert';
    if (record?.at === stage) return 'bad_record';
    if (keyUpdates?.at === stage) return 'key_updates';
    if (message?.at === stage) return 'message';
    if (close?.at === stage) return 'close';
    return stall === stage ? 'stall' : null;
  }

  /** RFC 8446 4.6.3: without asking the server for its own, each under the keys of the one before. */
  #updateKeys(count: number): void {
    if (this.application === null) return;
    const { suite } = this.application;
    for (let sent = 0; sent < count; sent += 1) {
      this.io.send(contentType.handshake, handshakeMessage(handshakeType.key_update, u8(0)));
      this.application.clientSecret = nextTrafficSecret(suite.hash, this.application.clientSecret);
      this.io.writer = tls13Protection(suite, this.application.clientSecret);
    }
  }

  #late(kind: LateMessage): Buffer {
    if (kind === 'client_hello') return this.hello;
    return kind === 'certificate'
      ? certificate13([])
      : handshakeMessage(handshakeType.finished, randomBytes(32));
  }
}
