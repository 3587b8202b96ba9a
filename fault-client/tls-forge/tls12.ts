import { ByteReader, u16, vector8, vector16 } from '../../protos/tls13/bytes.ts';
import type { CipherSuite } from '../../protos/tls13/cipher-suites.ts';
import {
  certificate12,
  handshakeMessage,
  handshakeType,
  parseCertificate,
} from '../../protos/tls13/handshake-messages.ts';
import { groupOf, type KeyShare } from '../../protos/tls13/key-exchange.ts';
import { contentType, tls12Protection } from '../../protos/tls13/record-protection.ts';
import type { ParsedServerHello } from '../../protos/tls13/server-hello.ts';
import { checkSignature, signWith, subjectName } from '../../protos/tls13/signatures.ts';
import { alertCode, TlsError } from '../../protos/tls13/tls-error.ts';
import { tls12Keys, tls12VerifyData } from '../../protos/tls13/tls12-keys.ts';
import type { ClientSession } from './session.ts';

/** The client's side of a full TLS 1.2 ECDHE handshake after the ServerHello (RFC 5246 7.3, RFC 8422). */
export async function handshake12(
  session: ClientSession,
  hello: ParsedServerHello,
  suite: CipherSuite,
): Promise<void> {
  const { io, transcript } = session;
  session.reach('after_server_hello');
  const { share, peer } = await readServerFlight(session, hello);
  session.reach('after_server_certificate');

  const keys = tls12Keys(suite, share.agree(peer), session.random, hello.random);
  sendCertificateAndKey(session, share);
  io.send(contentType.changeCipherSpec, Buffer.from([1]));
  io.writer = tls12Protection(suite, keys.client);
  const verifyData = tls12VerifyData(suite, keys.master, 'client', transcript.hash(suite.hash));
  session.sendHandshake(handshakeMessage(handshakeType.finished, verifyData));

  await io.changeCipherSpec();
  io.reader.protection = tls12Protection(suite, keys.server);
  const finished = await io.handshake(handshakeType.finished);
  const expected = tls12VerifyData(suite, keys.master, 'server', transcript.hash(suite.hash));
  if (!finished.body.equals(expected)) throw new TlsError(alertCode.decrypt_error, 'Finished is wrong');
}

async function readServerFlight(
  session: ClientSession,
  hello: ParsedServerHello,
): Promise<{ share: KeyShare; peer: Buffer }> {
  const { io, transcript, report } = session;
  const certificate = await io.handshake(handshakeType.certificate);
  const leaf = parseCertificate('TLSv1.2', certificate.body)[0];
  if (leaf === undefined) throw new TlsError(alertCode.decode_error, 'server sent no certificate');
  report.serverCertificate = subjectName(leaf);
  transcript.add(certificate.raw);

  const keyExchange = await io.handshake(handshakeType.server_key_exchange);
  transcript.add(keyExchange.raw);
  const agreed = readKeyExchange(session, hello, leaf, keyExchange.body);

  let message = await io.handshake(handshakeType.server_hello_done, handshakeType.certificate_request);
  if (message.type === handshakeType.certificate_request) {
    report.certificateRequested = true;
    transcript.add(message.raw);
    message = await io.handshake(handshakeType.server_hello_done);
  }
  transcript.add(message.raw);
  return agreed;
}

/** RFC 8422 5.4. */
function readKeyExchange(
  session: ClientSession,
  hello: ParsedServerHello,
  leaf: Buffer,
  body: Buffer,
): { share: KeyShare; peer: Buffer } {
  const reader = new ByteReader(body);
  const curveType = reader.u8();
  const group = groupOf(reader.u16());
  const peer = reader.vector8();
  const share = session.shares.find((one) => one.group === group);
  if (curveType !== 3 || share === undefined) {
    throw new TlsError(alertCode.illegal_parameter, 'curve not offered');
  }
  const parameters = body.subarray(0, 4 + peer.length);
  const signed = Buffer.concat([session.random, hello.random, parameters]);
  checkSignature(leaf, reader.u16(), signed, reader.vector16());
  return { share, peer };
}

function sendCertificateAndKey(session: ClientSession, share: KeyShare): void {
  const { identity, transcript } = session;
  const { certificateRequested } = session.report;
  if (certificateRequested) session.sendHandshake(certificate12(identity?.chain ?? []));
  session.sendHandshake(handshakeMessage(handshakeType.client_key_exchange, vector8(share.publicBytes)));
  if (!certificateRequested || identity === null) return;
  const signature = signWith(identity, transcript.bytes());
  session.sendHandshake(
    handshakeMessage(handshakeType.certificate_verify, u16(identity.scheme), vector16(signature)),
  );
}
