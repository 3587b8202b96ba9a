import type { Socket } from 'node:net';
import { parseClientHello } from '../../protos/tls13/client-hello.ts';
import { handshakeType } from '../../protos/tls13/handshake-messages.ts';
import { identityOf } from '../../protos/tls13/signatures.ts';
import { alertCode, TlsError } from '../../protos/tls13/tls-error.ts';
import { ForgeSocket, PeerStopped } from './forge-socket.ts';
import type { ForgeServerPlan, ForgeServerReport } from './plan.ts';
import { ServerSession, Stopped } from './session.ts';
import { handshake12 } from './tls12.ts';
import { handshake13 } from './tls13.ts';

/**
 * Speaks TLS as a server on a connected socket, honestly until `plan` says otherwise, and resolves when the socket is
 * gone. `onProgress` hears every stage as it is reached, and the peer's end of it. Never rejects for what the peer sends.
 * @throws when the plan's certificate or key cannot be used.
 */
export async function forgeServer(
  socket: Socket,
  plan: ForgeServerPlan,
  onProgress: (report: Readonly<ForgeServerReport>) => void = () => undefined,
): Promise<ForgeServerReport> {
  const session = new ServerSession(
    new ForgeSocket(socket),
    plan,
    identityOf(plan.cert, plan.key),
    onProgress,
  );
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

async function converse(session: ServerSession): Promise<void> {
  const { io, plan } = session;
  const message = await io.handshake(handshakeType.client_hello);
  const hello = parseClientHello(message.body);
  session.transcript.add(message.raw);
  session.report.servername = hello.servername;
  session.report.clientAlpn = hello.alpn;
  session.report.alpn = session.lies('unoffered_alpn') ? 'unheard-of' : chooseAlpn(plan.alpn, hello.alpn);
  session.reach('instead_of_server_hello');
  if (plan.version === 'TLSv1.3') await handshake13(session, hello);
  else await handshake12(session, hello);
  session.reach('after_handshake');
  await exchange(session);
}

function chooseAlpn(wanted: ForgeServerPlan['alpn'], offered: readonly string[]): string | null {
  if (typeof wanted === 'string') return wanted;
  return wanted?.find((protocol) => offered.includes(protocol)) ?? null;
}

async function exchange(session: ServerSession): Promise<void> {
  for (;;) {
    const message = await session.io.next();
    if (message.kind !== 'application_data') {
      throw new TlsError(alertCode.unexpected_message, `${message.kind} after the handshake`);
    }
    const first = session.report.receivedBytes === 0 && message.data.length > 0;
    session.report.receivedBytes += message.data.length;
    if (first) respond(session, message.data);
  }
}

function respond(session: ServerSession, request: Buffer): void {
  session.reach('after_first_application_data');
  if (session.plan.respond === undefined) return;
  session.sendData(session.plan.respond(request));
  session.reach('after_response');
}

function conclude(session: ServerSession, error: Error): void {
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
