/**
 * Why a connection or an exchange ended: the stable words of `cause`, each with what it means.
 *
 * `term` beside it tells who and in which phase, in two letters after HAProxy's model. First letter, who ended it:
 * `C` client, `S` upstream server, `P` proxy policy, `R` proxy resource, `I` proxy internal, `K` operator (shutdown),
 * `c` client timeout, `s` server timeout, `-` nobody: a normal end. Second letter, the phase: `R` request not complete,
 * `Q` waiting for a connection slot, `C` connecting, `H` waiting for response headers, `D` response body, `-` done.
 * Three phases before HTTP take the first letter instead: `p` PROXY header (`pR`), `T` inbound TLS (`TR`),
 * `t` outbound TLS (`tC`).
 *
 * A cause that carries detail has it after a colon: `client_alert:unknown_ca`, `server_alert:handshake_failure`,
 * `h1_protocol_error:bad_chunk_size`, `h2_rst:INTERNAL_ERROR`, `h2_goaway:ENHANCE_YOUR_CALM`, `h2_protocol_error:FRAME_SIZE_ERROR`,
 * `redis_error:NOAUTH`.
 */
export const causes = {
  // accept
  allowlist_denied: 'the peer address is not in policy.allowlist; closed before a byte was read (PR)',
  connection_limit_reached: 'no connection slot came free within policy.maxconn_wait_timeout_ms (PQ)',
  // PROXY header (pR)
  proxy_empty: 'a PROXY header is required and the peer closed without sending a byte',
  proxy_missing: 'a PROXY header is required and the first bytes are not one',
  proxy_truncated: 'the peer closed or reset in the middle of a PROXY header',
  proxy_timeout: 'the PROXY header was not complete when its total deadline passed',
  proxy_bad_v1: 'the PROXY v1 line breaks the grammar',
  proxy_bad_v2: 'the PROXY v2 header breaks the format (version, command, family, length, TLV, CRC32c)',
  proxy_untrusted_peer: 'a PROXY header came from a peer outside proxy_protocol.trusted',
  // inbound TLS (TR)
  no_client_cert: 'the listener requires a client certificate and none came',
  cert_expired: 'the client certificate has expired',
  cert_not_yet_valid: 'the client certificate is not valid yet',
  cert_unknown_ca: 'the client certificate does not chain to client_ca',
  cert_wrong_eku: 'the client certificate is not meant for client authentication',
  cert_bad_signature: 'a signature in the client certificate chain is wrong',
  cert_revoked: 'a revocation list of tls.client_crl names the client certificate',
  cert_rejected: 'the client certificate was refused for another reason; see error',
  no_shared_cipher: 'client and listener share no cipher suite or signature algorithm',
  protocol_version: 'client and listener share no TLS version',
  no_alpn: 'client and listener share no ALPN protocol',
  not_tls: 'the first bytes are not a TLS record',
  http_request: 'the client sent plaintext HTTP to a TLS listener',
  tls_protocol_error: 'the peer broke the TLS protocol; see error',
  client_alert: 'the client sent a fatal TLS alert; its name follows the colon',
  client_eof: 'the client closed (FIN) before the phase was complete',
  client_reset: 'the client reset (RST) before the phase was complete',
  timeout: 'the phase told by term did not end within its time limit',
  // connecting (SC, sC) — names of RFC 9209 where it has one
  dns_error: 'the upstream name does not resolve',
  dns_timeout: 'resolving the upstream name took too long',
  connection_refused: 'the upstream refused the TCP connection',
  connection_timeout: 'the TCP connection to the upstream was not up within upstream_connect_timeout',
  connection_terminated: 'the upstream closed or reset while connecting or during the outbound TLS handshake',
  destination_ip_unroutable: 'there is no route to the upstream',
  proxy_internal_error: 'the proxy could not do its part (address in use, no descriptor left); see error',
  // outbound TLS (tC)
  verify_expired: 'the upstream certificate has expired',
  verify_not_yet_valid: 'the upstream certificate is not valid yet',
  verify_unknown_ca: 'the upstream certificate does not chain to a trusted CA',
  verify_hostname: 'the upstream certificate does not name server_name',
  verify_eku: 'the upstream certificate is not meant for server authentication',
  verify_revoked: 'a revocation list of upstream.crl names the upstream certificate',
  verify_failed: 'the upstream certificate was refused for another reason; see error',
  server_alert: 'the upstream sent a fatal TLS alert; its name follows the colon',
  alpn_mismatch: 'client and upstream share no ALPN protocol',
  client_cert_rejected:
    "the upstream refused the proxy's client certificate, or the lack of one (may come after the handshake)",
  upstream_not_tls: 'the upstream answered the ClientHello with something that is not TLS',
  // request and response
  eof: 'the client closed (FIN) in the middle of a request (CR)',
  eof_before_headers: 'the upstream closed (FIN) before it answered (SH)',
  client_gone: 'the client closed or reset while an answer was under way (CH, CD)',
  reset: 'the side told by term sent RST while an exchange was open',
  truncated: 'the upstream closed (FIN) in the middle of a response (SD)',
  tls_truncated: 'TCP ended without close_notify where only that tells a whole body from a cut one (SD)',
  bad_record_mac: 'a TLS record failed its integrity check after the handshake',
  h1_protocol_error:
    'the peer broke HTTP/1.1 so that the message has no end to tell; the anomaly follows the colon',
  h2_rst: 'the stream was reset by RST_STREAM; the code follows the colon',
  h2_goaway: 'the connection was given up by GOAWAY with an error; the code follows the colon',
  h2_protocol_error: 'the peer broke HTTP/2; the code RFC 9113 asks for follows the colon',
  redis_error:
    'the upstream answered a Redis command with an error; its code follows the colon (in events only)',
  redis_protocol_error: 'the peer broke the Redis protocol; the anomaly follows the colon',
  flow_control_stall:
    'a timeout passed while every open stream was blocked by a flow-control window of the side told by term',
  idle_timeout: 'no byte in either direction and no exchange open for policy.idle_timeout',
  shutdown: 'the proxy was told to stop and the grace time passed (K)',
  reset_after_done: 'a side reset after every exchange was complete (--)',
  graceful: 'every exchange complete, then FIN (--)',
} as const;

export type CauseWord = keyof typeof causes;

/** A cause as written: one of the words, with `:detail` where its description says so. */
export type Cause = CauseWord | `${CauseWord}:${string}`;
