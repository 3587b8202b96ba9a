import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { cipherSuite } from '../../protos/tls13/cipher-suites.ts';
import { type ClientHelloOptions, clientHello } from '../../protos/tls13/client-hello.ts';
import { handshakeType } from '../../protos/tls13/handshake-messages.ts';
import { generateKeyShare } from '../../protos/tls13/key-exchange.ts';
import { contentType, plaintextRecord } from '../../protos/tls13/record-protection.ts';
import { parseRetryRequest, parseServerHello } from '../../protos/tls13/server-hello.ts';
import { identityOf } from '../../protos/tls13/signatures.ts';
import { alertCode, TlsError } from '../../protos/tls13/tls-error.ts';
import { ForgeSocket, PeerStopped } from './forge-socket.ts';
import type { ForgeClientPlan, ForgeClientReport } from './plan.ts';
import { ClientSession, Stopped } from './session.ts';
import { handshake12 } from './tls12.ts';
import { handshake13 } from './tls13.ts';

/**
 * Speaks TLS as a client on a connected socket, honestly until `plan` says otherwise (the server's chain is not
 * judged), and resolves when the socket is gone. `onProgress` hears every stage as it is reached, and the peer's end of it. Never rejects for what
 * the server sends.
 * @throws when the plan's certificate or key cannot be used.
 */
export async function forgeClient(
  socket: Socket,
  plan: ForgeClientPlan,
  onProgress: (report: Readonly<ForgeClientReport>) => void = () => undefined,
): Promise<ForgeClientReport> {
  const identity = plan.cert && plan.key ? identityOf(plan.cert, plan.key) : null;
  const shares = (plan.hello?.groups ?? (['x25519', 'secp256r1'] as const)).map(generateKeyShare);
  const session = new ClientSession(new ForgeSocket(socket), plan, identity, shares, onProgress);
  try {
    await converse(session);
  } catch (error) {
    conclude(session, error as Error);
  }
  await session.io.drain();
  session.report.peerAlert = session.io.peerAlert;
  session.report.peerEnd = session.io.peerEnd;
  return session.report;
}

async function converse(session: ClientSession): Promise<void> {
  const { io, plan, report } = session;
  session.reach('instead_of_client_hello');
  sendClientHello(session);
  session.reach('after_client_hello');
  const message = await readServerHello(session);
  const hello = parseServerHello(message.body);
  session.transcript.add(message.raw);
  const suite = cipherSuite(hello.suite);
  if (suite?.version !== plan.version || hello.version !== plan.version) {
    throw new TlsError(alertCode.illegal_parameter, 'server chose a version or cipher suite not offered');
  }
  report.cipherSuite = suite.name;
  report.alpn = hello.alpn;
  if (plan.version === 'TLSv1.3') await handshake13(session, hello, suite);
  else await handshake12(session, hello, suite);
  session.reach('after_handshake');
  if (plan.request) io.send(contentType.applicationData, plan.request);
  session.reach('after_request');
  await exchange(session);
}

/** A HelloRetryRequest is answered once, with the share it asks for. */
async function readServerHello(session: ClientSession): Promise<{ body: Buffer; raw: Buffer }> {
  const message = await session.io.handshake(handshakeType.server_hello);
  const retry = parseRetryRequest(message.body);
  if (retry === null) return message;
  const suite = cipherSuite(retry.suite);
  const offered = session.shares.some(({ group }) => group === retry.group);
  if (suite === undefined || retry.group === null || !offered || !session.plan.hello?.noKeyShare) {
    throw new TlsError(alertCode.illegal_parameter, 'server asks for a key share it was sent or not offered');
  }
  session.report.retried = true;
  // RFC 8446 D.4: a server may send it in the clear from here on.
  session.io.reader.skipChangeCipherSpec = true;
  session.transcript.replaceByHash(suite.hash);
  session.transcript.add(message.raw);
  sendClientHello(session, { noKeyShare: false, onlyShare: retry.group, cookie: retry.cookie ?? undefined });
  return session.io.handshake(handshakeType.server_hello);
}

/** The record version is 0x0301, as every client's first record is (RFC 8446 5.1). */
function sendClientHello(session: ClientSession, again: Partial<ClientHelloOptions> = {}): void {
  const { plan, random, shares, sessionId } = session;
  const { fragmentBytes = 16_384, groups: _, ...shape } = plan.hello ?? {};
  const { version, servername, alpn } = plan;
  const hello = clientHello({ version, servername, alpn, shares, random, sessionId, ...shape, ...again });
  session.hello = hello;
  session.transcript.add(hello);
  const records: Buffer[] = [];
  const step = Math.max(1, Math.min(fragmentBytes, 16_384));
  for (let at = 0; at < hello.length; at += step) {
    records.push(plaintextRecord(contentType.handshake, hello.subarray(at, at + step), 0x0301));
  }
  session.io.sendRaw(Buffer.concat(records));
  if (shape.ticket !== 'early') return;
  // To a server without that ticket early data is noise, and skipped (RFC 8446 4.2.10).
  session.io.sendRaw(plaintextRecord(contentType.changeCipherSpec, Buffer.of(1)));
  session.io.sendRaw(plaintextRecord(contentType.applicationData, randomBytes(120)));
}

async function exchange(session: ClientSession): Promise<void> {
  for (;;) {
    const message = await session.io.next();
    const ticket = message.kind === 'handshake' && message.type === handshakeType.new_session_ticket;
    if (ticket && session.plan.version === 'TLSv1.3') continue;
    if (message.kind !== 'application_data') {
      throw new TlsError(alertCode.unexpected_message, `${message.kind} after the handshake`);
    }
    const first = session.report.receivedBytes === 0 && message.data.length > 0;
    session.keep(message.data);
    if (first) session.reach('after_response');
  }
}

function conclude(session: ClientSession, error: Error): void {
  if (error instanceof Stopped) return;
  session.report.peerAlert = session.io.peerAlert;
  session.report.peerEnd = session.io.peerEnd;
  if (error instanceof PeerStopped) {
    session.io.end('fin');
    session.progress();
    return;
  }
  const alert = error instanceof TlsError ? error.alert : alertCode.internal_error;
  session.report.error = { alert, message: error.message };
  session.io.sendAlert(2, alert);
  session.io.end('fin_without_close_notify');
  session.progress();
}
