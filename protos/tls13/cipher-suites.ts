export type CipherSuite = {
  id: number;
  /** IANA name. */
  name: string;
  version: 'TLSv1.3' | 'TLSv1.2';
  hash: 'sha256' | 'sha384';
  hashBytes: number;
  aead: 'aes-128-gcm' | 'aes-256-gcm';
  keyBytes: number;
  /** The key type of the server certificate; a TLS 1.3 suite does not name one. */
  auth: 'ecdsa' | 'rsa' | null;
};

const aes128 = { hash: 'sha256', hashBytes: 32, aead: 'aes-128-gcm', keyBytes: 16 } as const;
const aes256 = { hash: 'sha384', hashBytes: 48, aead: 'aes-256-gcm', keyBytes: 32 } as const;

/** In order of preference. */
export const cipherSuites: readonly CipherSuite[] = [
  { id: 0x1301, name: 'TLS_AES_128_GCM_SHA256', version: 'TLSv1.3', auth: null, ...aes128 },
  { id: 0x1302, name: 'TLS_AES_256_GCM_SHA384', version: 'TLSv1.3', auth: null, ...aes256 },
  {
    id: 0xc02b,
    name: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    version: 'TLSv1.2',
    auth: 'ecdsa',
    ...aes128,
  },
  { id: 0xc02f, name: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', version: 'TLSv1.2', auth: 'rsa', ...aes128 },
  {
    id: 0xc02c,
    name: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    version: 'TLSv1.2',
    auth: 'ecdsa',
    ...aes256,
  },
  { id: 0xc030, name: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', version: 'TLSv1.2', auth: 'rsa', ...aes256 },
];

export function cipherSuite(id: number): CipherSuite | undefined {
  return cipherSuites.find((suite) => suite.id === id);
}
