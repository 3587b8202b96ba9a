/** Names of TLV types (section 2.2); the custom ones by the clouds that registered their use. */
export const tlvNames: Readonly<Record<number, string>> = {
  1: 'ALPN',
  2: 'AUTHORITY',
  3: 'CRC32C',
  4: 'NOOP',
  5: 'UNIQUE_ID',
  32: 'SSL',
  33: 'SSL_VERSION',
  34: 'SSL_CN',
  35: 'SSL_CIPHER',
  36: 'SSL_SIG_ALG',
  37: 'SSL_KEY_ALG',
  38: 'SSL_GROUP',
  39: 'SSL_SIG_SCHEME',
  40: 'SSL_CLIENT_CERT',
  48: 'NETNS',
  224: 'GCP_PSC',
  234: 'AWS',
  238: 'AZURE',
};

/** Name of a type; for one without a name its range and number, such as `CUSTOM_E1`. */
export function tlvName(type: number): string {
  const known = tlvNames[type];
  if (known !== undefined) return known;
  const digits = type.toString(16).toUpperCase().padStart(2, '0');
  if (type >= 0xe0 && type <= 0xef) return `CUSTOM_${digits}`;
  if (type >= 0xf0 && type <= 0xf7) return `EXPERIMENT_${digits}`;
  return type >= 0xf8 ? `FUTURE_${digits}` : `UNKNOWN_${digits}`;
}
