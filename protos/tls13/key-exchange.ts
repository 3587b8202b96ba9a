import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { alertCode, TlsError } from './tls-error.ts';

export type GroupName = 'x25519' | 'secp256r1';

/** RFC 8446 4.2.7. */
export const groupIds: Record<GroupName, number> = { x25519: 0x001d, secp256r1: 0x0017 };

export type KeyShare = {
  group: GroupName;
  /** The key_exchange bytes of the wire: 32 bytes for x25519, 65 (uncompressed point) for secp256r1. */
  publicBytes: Buffer;
  /** The (EC)DHE secret. Throws TlsError `illegal_parameter` for a point that is none. */
  agree(peer: Buffer): Buffer;
};

export function generateKeyShare(group: GroupName): KeyShare {
  return group === 'x25519' ? x25519Share() : p256Share();
}

export function groupOf(id: number): GroupName | undefined {
  if (id === groupIds.x25519) return 'x25519';
  return id === groupIds.secp256r1 ? 'secp256r1' : undefined;
}

function x25519Share(): KeyShare {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return {
    group: 'x25519',
    publicBytes: Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
    agree: (peer) =>
      guarded(() => {
        const jwk = { kty: 'OKP', crv: 'X25519', x: peer.toString('base64url') };
        return diffieHellman({ privateKey, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) });
      }),
  };
}

function p256Share(): KeyShare {
  const ecdh = createECDH('prime256v1');
  return {
    group: 'secp256r1',
    publicBytes: ecdh.generateKeys(),
    agree: (peer) => guarded(() => ecdh.computeSecret(peer)),
  };
}

function guarded(agree: () => Buffer): Buffer {
  try {
    return agree();
  } catch (error) {
    throw new TlsError(alertCode.illegal_parameter, `key share refused: ${(error as Error).message}`);
  }
}
