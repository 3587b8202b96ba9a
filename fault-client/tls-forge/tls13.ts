import { ByteReader, u16, vector16 } from '../../protos/tls13/bytes.ts';
import type { CipherSuite } from '../../protos/tls13/cipher-suites.ts';
import {
  certificate13,
  handshakeMessage,
  handshakeType,
  parseCertificate,
} from '../../protos/tls13/handshake-messages.ts';
import {
  applicationSecrets,
  finishedVerifyData,
  type HandshakeSecrets,
  handshakeSecrets,
} from '../../protos/tls13/key-schedule.ts';
import { contentType, plaintextRecord, tls13Protection } from '../../protos/tls13/record-protection.ts';
import { type ParsedServerHello, parseEncryptedExtensions } from '../../protos/tls13/server-hello.ts';
import { checkSignature, signedContent13, signWith, subjectName } from '../../protos/tls13/signatures.ts';
import { alertCode, TlsError } from '../../protos/tls13/tls-error.ts';
import type { ClientSession } from './session.ts';

/** The client's side of a full TLS 1.3 handshake after the ServerHello (RFC 8446 2). */
export async function handshake13(
  session: ClientSession,
  hello: ParsedServerHello,
  suite: CipherSuite,
): Promise<void> {
  const { io, transcript } = session;
  const share = session.shares.find((one) => one.group === hello.share?.group);
  if (share === undefined) throw new TlsError(alertCode.illegal_parameter, 'group not offered');
  const secret = share.agree(hello.share!.bytes);
  const secrets = handshakeSecrets(suite.hash, secret, transcript.hash(suite.hash));
  io.reader.protection = tls13Protection(suite, secrets.server);
  io.reader.skipChangeCipherSpec = true;
  io.sendRaw(plaintextRecord(contentType.changeCipherSpec, Buffer.from([1])));
  io.writer = tls13Protection(suite, secrets.client);
  session.reach('after_server_hello');

  await readServerFlight(session, suite, secrets);
  const application = applicationSecrets(suite.hash, secrets.master, transcript.hash(suite.hash));
  io.reader.protection = tls13Protection(suite, application.server);
  session.reach('after_server_certificate');

  sendClientFlight(session, suite, secrets.client);
  io.writer = tls13Protection(suite, application.client);
  session.application = { suite, clientSecret: application.client };
}

async function readServerFlight(
  session: ClientSession,
  suite: CipherSuite,
  secrets: HandshakeSecrets,
): Promise<void> {
  const { io, transcript, report } = session;
  const extensions = await io.handshake(handshakeType.encrypted_extensions);
  report.alpn = parseEncryptedExtensions(extensions.body).alpn;
  transcript.add(extensions.raw);

  let message = await io.handshake(handshakeType.certificate, handshakeType.certificate_request);
  if (message.type === handshakeType.certificate_request) {
    report.certificateRequested = true;
    transcript.add(message.raw);
    message = await io.handshake(handshakeType.certificate);
  }
  const leaf = parseCertificate('TLSv1.3', message.body)[0];
  if (leaf === undefined) throw new TlsError(alertCode.decode_error, 'server sent no certificate');
  report.serverCertificate = subjectName(leaf);
  transcript.add(message.raw);

  const verify = await io.handshake(handshakeType.certificate_verify);
  const reader = new ByteReader(verify.body);
  const content = signedContent13('server', transcript.hash(suite.hash));
  checkSignature(leaf, reader.u16(), content, reader.vector16());
  transcript.add(verify.raw);

  const finished = await io.handshake(handshakeType.finished);
  const expected = finishedVerifyData(suite.hash, secrets.server, transcript.hash(suite.hash));
  if (!finished.body.equals(expected)) throw new TlsError(alertCode.decrypt_error, 'Finished is wrong');
  transcript.add(finished.raw);
}

function sendClientFlight(session: ClientSession, suite: CipherSuite, clientSecret: Buffer): void {
  const { identity, transcript } = session;
  if (session.report.certificateRequested) {
    session.sendHandshake(certificate13(identity?.chain ?? []));
    if (identity !== null) {
      const signature = signWith(identity, signedContent13('client', transcript.hash(suite.hash)));
      session.sendHandshake(
        handshakeMessage(handshakeType.certificate_verify, u16(identity.scheme), vector16(signature)),
      );
    }
  }
  const verifyData = finishedVerifyData(suite.hash, clientSecret, transcript.hash(suite.hash));
  session.sendHandshake(handshakeMessage(handshakeType.finished, verifyData));
}
