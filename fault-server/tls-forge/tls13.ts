import { ByteReader, u16, vector8, vector16 } from '../../protos/tls13/bytes.ts';
import { type CipherSuite, cipherSuites } from '../../protos/tls13/cipher-suites.ts';
import type { ParsedClientHello } from '../../protos/tls13/client-hello.ts';
import {
  extension,
  extensionType,
  handshakeMessage,
  handshakeType,
  parseCertificate,
} from '../../protos/tls13/handshake-messages.ts';
import { generateKeyShare } from '../../protos/tls13/key-exchange.ts';
import {
  applicationSecrets,
  finishedVerifyData,
  type HandshakeSecrets,
  handshakeSecrets,
} from '../../protos/tls13/key-schedule.ts';
import { contentType, plaintextRecord, tls13Protection } from '../../protos/tls13/record-protection.ts';
import { encryptedExtensions, serverHello } from '../../protos/tls13/server-hello.ts';
import {
  checkSignature,
  signatureSchemeIds,
  signedContent13,
  signWith,
} from '../../protos/tls13/signatures.ts';
import { alertCode, TlsError } from '../../protos/tls13/tls-error.ts';
import { certificateMessage, helloLies, proof } from './lies.ts';
import type { ServerSession } from './session.ts';

/** The server's side of a full TLS 1.3 handshake (RFC 8446 2), without PSK, retry or early data. */
export async function handshake13(session: ServerSession, hello: ParsedClientHello): Promise<void> {
  const { io, transcript } = session;
  if (!hello.versions.includes(0x0304)) throw new TlsError(alertCode.protocol_version, 'TLS 1.3 not offered');
  const suite = chooseSuite(hello);
  session.report.cipherSuite = suite.name;
  const secrets = sendServerHello(session, hello, suite);
  io.writer = tls13Protection(suite, secrets.server);
  io.reader.protection = tls13Protection(suite, secrets.client);
  io.reader.skipChangeCipherSpec = true;
  session.reach('after_server_hello');

  sendServerFlight(session, suite, secrets);
  const application = applicationSecrets(suite.hash, secrets.master, transcript.hash(suite.hash));
  io.writer = tls13Protection(suite, application.server);

  await readClientFlight(session, suite, secrets.client);
  io.reader.protection = tls13Protection(suite, application.client);
  session.reach('after_client_certificate');
}

function chooseSuite(hello: ParsedClientHello): CipherSuite {
  const suite = cipherSuites.find((one) => one.version === 'TLSv1.3' && hello.suites.includes(one.id));
  if (suite === undefined) throw new TlsError(alertCode.handshake_failure, 'no shared cipher suite');
  return suite;
}

function sendServerHello(
  session: ServerSession,
  hello: ParsedClientHello,
  suite: CipherSuite,
): HandshakeSecrets {
  const offered = hello.shares[0];
  if (offered === undefined) throw new TlsError(alertCode.handshake_failure, 'no usable key share');
  const share = generateKeyShare(offered.group);
  const secret = share.agree(offered.bytes);
  const { random } = session;
  session.sendHandshake(
    serverHello({ random, sessionId: hello.sessionId, share, ...helloLies(session, suite) }),
  );
  // RFC 8446 D.4: a client that sent a session id expects the middlebox compatibility record.
  if (hello.sessionId.length > 0) {
    session.io.sendRaw(plaintextRecord(contentType.changeCipherSpec, Buffer.from([1])));
  }
  return handshakeSecrets(suite.hash, secret, session.transcript.hash(suite.hash));
}

function sendServerFlight(session: ServerSession, suite: CipherSuite, secrets: HandshakeSecrets): void {
  const { plan, identity, transcript } = session;
  session.sendHandshake(encryptedExtensions(session.report.alpn));
  if (plan.requestClientCert) {
    const schemes = extension(extensionType.signature_algorithms, vector16(...signatureSchemeIds.map(u16)));
    session.sendHandshake(handshakeMessage(handshakeType.certificate_request, vector8(), vector16(schemes)));
  }
  session.sendHandshake(certificateMessage(session));
  const content = signedContent13('server', transcript.hash(suite.hash));
  const signature = proof(session, 'bad_signature', signWith(identity, content));
  session.sendHandshake(
    handshakeMessage(handshakeType.certificate_verify, u16(identity.scheme), vector16(signature)),
  );
  const honest = finishedVerifyData(suite.hash, secrets.server, transcript.hash(suite.hash));
  const verifyData = proof(session, 'bad_finished', honest);
  session.sendHandshake(handshakeMessage(handshakeType.finished, verifyData));
}

async function readClientFlight(
  session: ServerSession,
  suite: CipherSuite,
  clientSecret: Buffer,
): Promise<void> {
  const { io, plan, transcript } = session;
  if (plan.requestClientCert) {
    const certificate = await io.handshake(handshakeType.certificate);
    const chain = parseCertificate('TLSv1.3', certificate.body);
    session.clientChain(chain);
    transcript.add(certificate.raw);
    if (chain.length > 0) {
      const verify = await io.handshake(handshakeType.certificate_verify);
      const reader = new ByteReader(verify.body);
      const content = signedContent13('client', transcript.hash(suite.hash));
      checkSignature(chain[0]!, reader.u16(), content, reader.vector16());
      transcript.add(verify.raw);
    }
  }
  const finished = await io.handshake(handshakeType.finished);
  const expected = finishedVerifyData(suite.hash, clientSecret, transcript.hash(suite.hash));
  if (!finished.body.equals(expected)) throw new TlsError(alertCode.decrypt_error, 'Finished is wrong');
}
