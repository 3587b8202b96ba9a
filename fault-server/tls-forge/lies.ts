import {
  certificate12,
  certificate13,
  handshakeMessage,
  handshakeType,
} from '../../protos/tls13/handshake-messages.ts';
import type { ServerSession } from './session.ts';

/** TLS_AES_128_CCM_8_SHA256 and a suite of RFC 2246: neither is offered by a client of today. */
const rareSuites = { 'TLSv1.3': 0x1305, 'TLSv1.2': 0x0004 } as const;
/** The draft's X25519Kyber768, which nobody offers any more. */
const rareGroup = 0x6399;
const tls11 = 0x0302;
/** Above OpenSSL's bound for a chain, 100 KiB. */
const hugeBytes = 120_000;

/** The suite and what else a ServerHello gets wrong. */
export function helloLies<S extends { id: number }>(
  session: ServerSession,
  suite: S,
): { suite: S; oldVersion?: number; shareGroup?: number } {
  const { version } = session.plan;
  return {
    suite: session.lies('unoffered_suite') ? { ...suite, id: rareSuites[version] } : suite,
    ...(session.lies('old_version') ? { oldVersion: tls11 } : {}),
    ...(session.lies('unoffered_group') ? { shareGroup: rareGroup } : {}),
  };
}

/** RFC 8446 4.1.3: what a server that knows TLS 1.3 writes into the random of a lower version. */
export function markDowngrade(session: ServerSession): void {
  if (session.lies('downgrade')) session.random.write('DOWNGRD\x01', 24, 'latin1');
}

/** The Certificate message of the plan. */
export function certificateMessage(session: ServerSession): Buffer {
  const make = session.plan.version === 'TLSv1.3' ? certificate13 : certificate12;
  if (session.lies('empty_certificate')) return make([]);
  if (session.lies('garbage_certificate')) return make([Buffer.alloc(400, 0xaa)]);
  if (session.lies('huge_certificate'))
    return handshakeMessage(handshakeType.certificate, Buffer.alloc(hugeBytes));
  return make(session.identity.chain);
}

/** A signature, or verify_data, of the plan. */
export function proof(session: ServerSession, lie: 'bad_signature' | 'bad_finished', bytes: Buffer): Buffer {
  if (session.lies(lie)) bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  return bytes;
}
