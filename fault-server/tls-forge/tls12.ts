import { ByteReader, u8, u16, vector8, vector16 } from '../../protos/tls13/bytes.ts';
import { type CipherSuite, cipherSuites } from '../../protos/tls13/cipher-suites.ts';
import type { ParsedClientHello } from '../../protos/tls13/client-hello.ts';
import { handshakeMessage, handshakeType, parseCertificate } from '../../protos/tls13/handshake-messages.ts';
import { generateKeyShare, groupIds, groupOf, type KeyShare } from '../../protos/tls13/key-exchange.ts';
import { contentType, tls12Protection } from '../../protos/tls13/record-protection.ts';
import { serverHello } from '../../protos/tls13/server-hello.ts';
import { checkSignature, signatureSchemeIds, signWith } from '../../protos/tls13/signatures.ts';
import { alertCode, TlsError } from '../../protos/tls13/tls-error.ts';
import { tls12Keys, tls12VerifyData } from '../../protos/tls13/tls12-keys.ts';
import { certificateMessage, helloLies, markDowngrade, proof } from './lies.ts';
import type { ServerSession } from './session.ts';

/** The server's side of a full TLS 1.2 ECDHE handshake (RFC 5246 7.3, RFC 8422), without resumption. */
export async function handshake12(session: ServerSession, hello: ParsedClientHello): Promise<void> {
  const { io, transcript } = session;
  const suite = chooseSuite(session, hello);
  session.report.cipherSuite = suite.name;
  const { random, plan } = session;
  markDowngrade(session);
  session.sendHandshake(
    serverHello({
      random,
      sessionId: Buffer.alloc(0),
      alpn: session.report.alpn,
      ...helloLies(session, suite),
    }),
  );
  session.reach('after_server_hello');

  const share = sendServerFlight(session, hello);
  const chain = plan.requestClientCert ? await readClientCertificate(session) : [];
  const exchange = await io.handshake(handshakeType.client_key_exchange);
  if (!plan.requestClientCert) session.reach('after_client_certificate');
  transcript.add(exchange.raw);
  const secret = share.agree(new ByteReader(exchange.body).vector8());
  const keys = tls12Keys(suite, secret, hello.random, random);
  if (chain.length > 0) await readCertificateVerify(session, chain[0]!);

  await io.changeCipherSpec();
  io.reader.protection = tls12Protection(suite, keys.client);
  const finished = await io.handshake(handshakeType.finished);
  const expected = tls12VerifyData(suite, keys.master, 'client', transcript.hash(suite.hash));
  if (!finished.body.equals(expected)) throw new TlsError(alertCode.decrypt_error, 'Finished is wrong');
  transcript.add(finished.raw);

  io.send(contentType.changeCipherSpec, Buffer.from([1]));
  io.writer = tls12Protection(suite, keys.server);
  const honest = tls12VerifyData(suite, keys.master, 'server', transcript.hash(suite.hash));
  const verifyData = proof(session, 'bad_finished', honest);
  session.sendHandshake(handshakeMessage(handshakeType.finished, verifyData));
}

function chooseSuite(session: ServerSession, hello: ParsedClientHello): CipherSuite {
  const suite = cipherSuites.find(
    (one) => one.auth === session.identity.auth && hello.suites.includes(one.id),
  );
  if (suite === undefined) throw new TlsError(alertCode.handshake_failure, 'no shared cipher suite');
  return suite;
}

function sendServerFlight(session: ServerSession, hello: ParsedClientHello): KeyShare {
  const group = hello.groups.map(groupOf).find((one) => one !== undefined);
  if (group === undefined) throw new TlsError(alertCode.handshake_failure, 'no shared group');
  const share = generateKeyShare(group);
  const { identity, random } = session;
  const parameters = Buffer.concat([u8(3), u16(groupIds[group]), vector8(share.publicBytes)]);
  const signed = Buffer.concat([hello.random, random, parameters]);
  const signature = proof(session, 'bad_signature', signWith(identity, signed));
  const flight = [
    certificateMessage(session),
    handshakeMessage(
      handshakeType.server_key_exchange,
      parameters,
      u16(identity.scheme),
      vector16(signature),
    ),
    ...(session.plan.requestClientCert ? [certificateRequest()] : []),
    handshakeMessage(handshakeType.server_hello_done),
  ];
  session.sendHandshake(...flight);
  return share;
}

/** RFC 5246 7.4.4: ecdsa_sign and rsa_sign, any authority. */
function certificateRequest(): Buffer {
  const types = vector8(u8(64), u8(1));
  return handshakeMessage(
    handshakeType.certificate_request,
    types,
    vector16(...signatureSchemeIds.map(u16)),
    vector16(),
  );
}

async function readClientCertificate(session: ServerSession): Promise<Buffer[]> {
  const certificate = await session.io.handshake(handshakeType.certificate);
  const chain = parseCertificate('TLSv1.2', certificate.body);
  session.clientChain(chain);
  session.transcript.add(certificate.raw);
  session.reach('after_client_certificate');
  return chain;
}

async function readCertificateVerify(session: ServerSession, leaf: Buffer): Promise<void> {
  const signed = session.transcript.bytes();
  const verify = await session.io.handshake(handshakeType.certificate_verify);
  const reader = new ByteReader(verify.body);
  checkSignature(leaf, reader.u16(), signed, reader.vector16());
  session.transcript.add(verify.raw);
}
