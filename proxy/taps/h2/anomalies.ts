/**
 * What can be odd in an HTTP/2 or gRPC exchange: the stable words of `anomalies` on an event, each with what it means.
 * None of them makes the tap reject anything; the peers decide that.
 */
export const anomalies = {
  // header fields (RFC 9113 section 8.2 and 8.3)
  uppercase_name: 'a field name with an upper-case letter',
  invalid_name: 'a field name that is empty or has a character no token may have',
  invalid_value: 'a field value with NUL, CR or LF, or with white space at an end',
  connection_header: 'a field that belongs to one HTTP/1.1 connection: connection, keep-alive, upgrade, …',
  te_not_trailers: 'te with a value other than trailers',
  missing_method: 'a request without :method',
  missing_scheme: 'a request without :scheme',
  missing_path: 'a request without :path',
  empty_path: 'a request whose :path is empty',
  missing_status: 'a response without :status',
  bad_status: 'a response whose :status is not three digits, or 101, which HTTP/2 does not have',
  duplicate_pseudo: 'a pseudo-header that came twice',
  unknown_pseudo: 'a pseudo-header that does not belong in this message',
  pseudo_after_regular: 'a pseudo-header after a regular field',
  pseudo_in_trailers: 'a pseudo-header in trailers',
  trailers_without_end_stream: 'a second header block without END_STREAM',
  informational_end_stream: 'a 1xx response with END_STREAM',
  bad_content_length: 'a content-length that is no number, or several that differ',
  content_length_mismatch: 'content-length and DATA disagree',
  headers_cut: 'the header list is larger than the record keeps',
  hpack_error: 'the header block could not be decoded; see the DECODE_ERROR record',
  // streams (RFC 9113 section 5.1, 6)
  even_stream_id: 'a stream opened by the client with an even number',
  data_before_headers: 'response DATA before response HEADERS',
  data_after_end: 'DATA after END_STREAM',
  headers_after_end: 'HEADERS after END_STREAM',
  bad_padding: 'padding as long as its frame or longer',
  self_dependency: 'PRIORITY that makes the stream depend on itself',
  window_update_zero: 'WINDOW_UPDATE by zero on the stream',
  window_overflow: 'WINDOW_UPDATE beyond 2^31-1 on the stream',
  window_overrun: 'DATA beyond the flow-control window',
  request_unfinished: 'the response was complete and the request never was',
  // gRPC over HTTP/2
  grpc_bad_path: ':path is not /service/method',
  grpc_bad_content_type: 'the response to a gRPC call is not application/grpc',
  grpc_status_missing: 'the response ended without grpc-status',
  grpc_status_invalid: 'grpc-status is not a plain number from 0 to 16',
  grpc_timeout_invalid: 'grpc-timeout breaks its grammar',
  grpc_bad_flag: 'a message whose first byte is neither 0 nor 1',
  grpc_compressed_without_encoding: 'a compressed message without grpc-encoding',
  grpc_truncated_message: 'a side ended its half inside a message',
} as const;

export type Anomaly = keyof typeof anomalies;
