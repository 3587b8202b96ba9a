/**
 * What can be odd in HTTP/1.1 on the wire: the stable words of `anomalies` in an event, each with what it means. The relay
 * goes on regardless. Sections are of RFC 9112 where no other RFC is named.
 */
export const anomalies = {
  // start line
  invalid_request_line:
    'the request line is not `method SP target SP version` (3); the client is not decoded any further',
  invalid_method: 'the method is not a token (RFC 9110 9.1)',
  invalid_version: 'the version is not HTTP/1.0 or HTTP/1.1 (2.3)',
  invalid_status_line:
    'what the upstream sent does not begin with a status line (4); it is not decoded any further',
  http2_answer: 'the upstream answers HTTP/1.1 with an HTTP/2 SETTINGS or GOAWAY frame (RFC 9113 3.4)',
  tls_answer: 'the upstream answers plaintext with a TLS record (RFC 8446 5.1)',
  invalid_status: 'the status is outside 100 to 599 (RFC 9110 15)',
  leading_empty_line: 'empty lines before a start line (2.2)',
  // fields
  bare_lf: 'a line ends in LF without CR (2.2)',
  bare_cr: 'a CR that no LF follows (2.2)',
  control_character: 'a control character in the head (RFC 9110 5.5)',
  obs_fold: 'a field value goes on in the next line (5.2)',
  space_before_colon: 'whitespace between a field name and its colon (5.1)',
  header_without_colon: 'a field line without a colon (5)',
  invalid_header_name: 'a field name that is not a token (RFC 9110 5.1)',
  head_too_large: 'a head or trailer section over the limit; its sender is not decoded any further',
  // host and target
  missing_host: 'an HTTP/1.1 request without Host (3.2)',
  duplicate_host: 'more than one Host (3.2)',
  absolute_uri_host_mismatch: 'the authority of an absolute target is not the Host (3.2.2)',
  // framing
  cl_and_te: 'Content-Length beside Transfer-Encoding; the latter counts (6.3)',
  duplicate_content_length: 'more than one Content-Length, or a list of them (6.3)',
  invalid_content_length: 'a Content-Length that is not a decimal number, or contradicting ones (6.3)',
  huge_content_length: 'a Content-Length above 2^53 - 1, which no body reaches (RFC 9110 8.6)',
  te_not_chunked: 'the last transfer coding is not chunked, so that the end cannot be told (6.3)',
  duplicate_transfer_encoding: 'more than one Transfer-Encoding line, or chunked more than once (6.1)',
  te_in_http_1_0: 'Transfer-Encoding in an HTTP/1.0 message (6.1)',
  length_without_body: 'Content-Length or Transfer-Encoding in a 1xx or 204 response (RFC 9110 8.6)',
  bad_chunk_size:
    'a chunk size that is not a hexadecimal number; its sender is not decoded any further (7.1)',
  bad_chunk_end: 'no CRLF after the data of a chunk; its sender is not decoded any further (7.1)',
  chunk_line_too_long: 'a chunk size line over the limit; its sender is not decoded any further (7.1.1)',
  // order
  unsolicited_response: 'a response while no request was waiting for one (9.2)',
  early_response: 'the final response was complete before the request was (9.3)',
  unrequested_upgrade: '101 to a request without Upgrade (RFC 9110 15.2.2)',
  too_many_pipelined:
    'after this request more came without a response than the tap holds; they are relayed without events',
} as const;

export type Anomaly = keyof typeof anomalies;
