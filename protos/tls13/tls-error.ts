/** The alert descriptions the handshake itself needs (RFC 8446 6). */
export const alertCode = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  illegal_parameter: 47,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  internal_error: 80,
  missing_extension: 109,
} as const;

/** The peer broke the protocol; `alert` is the description an honest endpoint would answer with. */
export class TlsError extends Error {
  readonly alert: number;

  constructor(alert: number, message: string) {
    super(message);
    this.name = 'TlsError';
    this.alert = alert;
  }
}
