import { alertNames } from './alerts.ts';

/**
 * Number of the alert that the peer sent, from the `code` of a Node TLS error; null when the code tells of none.
 * Takes the spellings of every OpenSSL in use: `ERR_SSL_SSLV3_ALERT_…` (3.0, 3.1), `ERR_SSL_SSL/TLS_ALERT_…` (since 3.2),
 * `ERR_SSL_TLSV1_ALERT_…`, `ERR_SSL_TLSV13_ALERT_…`, `ERR_SSL_TLSV1_UNRECOGNIZED_NAME` and the bare `ERR_SSL_ALERT_…`.
 */
export function receivedAlert(code: string | undefined): number | null {
  const match = /^ERR_(?:OSSL|SSL)_(?:(?:SSLV3|TLSV1|TLSV13|SSL\/TLS)_(?:ALERT_)?|ALERT_)(.+)$/.exec(
    code ?? '',
  );
  return match === null ? null : (byReason.get(match[1]!) ?? null);
}

/** Number of the alert that this side's OpenSSL sends when it fails with this `code`; null when it sends none or it depends. */
export function sentAlert(code: string | undefined): number | null {
  return sentByCode[code ?? ''] ?? null;
}

const byReason = new Map<string, number>([
  ...Object.entries(alertNames).map(([number, name]): [string, number] => [
    name.toUpperCase(),
    Number(number),
  ]),
  // OpenSSL spells this one with two l.
  ['USER_CANCELLED', 90],
]);

/** From OpenSSL's SSLfatal() call sites; those a test can provoke were measured on the wire. */
const sentByCode: Readonly<Record<string, number>> = {
  ERR_SSL_NO_SHARED_CIPHER: 40,
  ERR_SSL_NO_SUITABLE_KEY_SHARE: 40,
  ERR_SSL_NO_SUITABLE_GROUPS: 40,
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 40,
  ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS: 40,
  ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED: 40,
  ERR_SSL_DH_KEY_TOO_SMALL: 40,
  ERR_SSL_UNSUPPORTED_PROTOCOL: 70,
  ERR_SSL_VERSION_TOO_LOW: 70,
  ERR_SSL_VERSION_TOO_HIGH: 70,
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 70,
  ERR_SSL_NO_APPLICATION_PROTOCOL: 120,
  ERR_SSL_PSK_IDENTITY_NOT_FOUND: 115,
  ERR_SSL_MISSING_SIGALGS_EXTENSION: 109,
  ERR_SSL_MISSING_SUPPORTED_GROUPS_EXTENSION: 109,
  ERR_SSL_INAPPROPRIATE_FALLBACK: 86,
  ERR_SSL_UNEXPECTED_MESSAGE: 10,
  ERR_SSL_BAD_RECORD_TYPE: 10,
  ERR_SSL_RECORD_TOO_SMALL: 10,
  ERR_SSL_CCS_RECEIVED_EARLY: 10,
  ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC: 20,
  // Of AES-GCM under TLS 1.2: the tag is wrong.
  ERR_SSL_CIPHER_OPERATION_FAILED: 20,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 22,
  ERR_SSL_DATA_LENGTH_TOO_LONG: 22,
  ERR_SSL_ENCRYPTED_LENGTH_TOO_LONG: 22,
  ERR_SSL_EXCESSIVE_MESSAGE_SIZE: 47,
  ERR_SSL_BAD_KEY_SHARE: 47,
  ERR_SSL_LENGTH_TOO_SHORT: 50,
  ERR_SSL_LENGTH_MISMATCH: 50,
  ERR_SSL_BAD_EXTENSION: 50,
  ERR_SSL_BAD_PACKET: 50,
  // What OpenSSL's ASN.1 says of a certificate that is none.
  ERR_SSL_HEADER_TOO_LONG: 42,
  ERR_SSL_WRONG_TAG: 42,
  ERR_SSL_WRONG_CIPHER_RETURNED: 47,
  ERR_SSL_UNKNOWN_CIPHER_RETURNED: 47,
  ERR_SSL_PROVIDER_SIGNATURE_FAILURE: 51,
  ERR_SSL_BAD_SIGNATURE: 51,
  ERR_SSL_DIGEST_CHECK_FAILED: 51,
};
