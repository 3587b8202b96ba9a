/**
 * The cases that every double is run over: cheap ones of every family, the same for all, so that a family that stays green
 * says something. Of each fault there is a healthy twin; none depends on which of two ends is faster.
 */
export const panel: string[] = [
  // smoke, listeners, logging
  ...['smoke_h1_plain', 'smoke_tls.h1', 'smoke_tls.h2', 'smoke_refused'],
  ...['listener_plain.h1', 'listener_plain.h2', 'listener_plain_to_tls', 'listener_plain_grpc.grpc'],
  ...['log_sample_none', 'log_sample_failure', 'log_no_headers', 'log_body_limit.h1', 'log_body_limit.h2'],
  ...['log_no_body', 'log_no_h2_control', 'log_trace_id.h1', 'log_trace_id.h2'],
  // what the original's own suite asked
  ...['h1_chat5', 'h2_chat5', 'grpc_chat3', 'grpc_native_chat2'],
  ...['neg_h1_hang', 'neg_h1_close_early', 'neg_h1_truncate', 'neg_h1_rst', 'neg_h1_sleep_headers'],
  ...['neg_h2_hang', 'neg_h2_close_early', 'neg_h2_truncate', 'neg_h2_rst'],
  ...['neg_client_rst', 'neg_client_half_close'],
  ...['mtls_h1_ok', 'mtls_h2_ok', 'mtls_h1_client_no_cert', 'mtls_h2_client_bad_cert'],
  // PROXY headers
  ...['proxy_none_h1', 'proxy_v1_h1', 'proxy_v2_h2', 'proxy_v1_grpc', 'proxy_malformed_h1'],
  ...['proxy_http.h1.v1_ipv6', 'proxy_http.h2.v2_local', 'proxy_tls_upstream.h2.v2_ipv6', 'proxy_mixed'],
  ...['proxy_tlvs.alpn', 'proxy_tlvs.unique_id', 'proxy_tlvs.crc32c'],
  ...['proxy_bad_v1.pp1-bad-proto', 'proxy_bad_v2.pp2-crc-bad', 'proxy_truncated.pp1-fin-mid-header'],
  ...['proxy_untrusted', 'proxy_required_missing', 'proxy_required_present'],
  // limits and refusals
  ...['upstream_refused.h1', 'upstream_refused.h2', 'upstream_refused_grpc.grpc', 'upstream_unresolvable'],
  ...['tcp_connect.unroutable', 'allowlist_denied', 'allowlist_ignores_proxy_header'],
  ...['idle_timeout.h1', 'limit_connections.nth', 'limit_tid.h2'],
  // inbound TLS
  ...['tls_in_ok.TLSv1.2.h1', 'tls_in_ok.TLSv1.3.h2', 'tls_in_no_sni', 'tls_in_no_alpn_offered'],
  ...['tls_in_client_cert.TLSv1.2.client_expired', 'tls_in_client_cert.TLSv1.3.client_wrong_eku'],
  ...['tls_in_protocol_version', 'tls_in_no_shared_cipher', 'tls_in_no_alpn', 'tls_in_plain_http'],
  ...['tls_in_client_alert.TLSv1.3.unknown_ca', 'tls_in_hello_variant.post_quantum_split_1400_13'],
  ...['tls_in_resumed.TLSv1.2', 'tls_in_resumed.TLSv1.3', 'tls_in_stall.half_hello'],
  // outbound TLS
  ...['tls_out_certificate.h1.server_expired', 'tls_out_certificate.h2.server_wrong_host'],
  ...['tls_out_unverified.server_self_signed', 'tls_out_alpn_mismatch', 'tls_out_alpn_follows_upstream'],
  ...['tls_out_not_tls', 'tls_out_alert.unrecognized_name', 'tls_out_closes.rst.after_hello'],
  ...['tls_out_client_cert_rejected.unknown_ca', 'tls_out_no_client_cert', 'tls_out_stall.silent'],
  // HTTP/1.1
  ...[
    'h1_head',
    'h1_status.404',
    'h1_status.503',
    'h1_informational',
    'h1_trailers',
    'h1_cookies',
    'h1_duplicate_fields',
  ],
  ...['h1_close', 'h1_eof_delimited', 'h1_upgrade', 'h1_pipelining', 'h1_request_trailers', 'h1_redaction'],
  ...['h1_download.1048576.length', 'h1_download.16384.chunked', 'h1_upload.1048576.chunked', 'h1_echo'],
  ...['h1_srv_ends.h1-truncate-chunked', 'h1_srv_ends.h1-rst-mid-body', 'h1_srv_anomaly.h1-bad-chunk'],
  ...['h1_srv_anomaly.h1-cl-and-te', 'h1_srv_served.interim_100_103', 'h1_cli_ends.h1-fin-mid-body'],
  ...['h1_cli_anomaly.h1-obs-fold', 'h1_cli_stall', 'h1_cli_half_close'],
  // HTTP/2
  ...['h2_download.0', 'h2_download.300000', 'h2_upload.65536', 'h2_trailers', 'h2_tiny_window.both'],
  ...['h2_srv_rst.CANCEL', 'h2_srv_rst.ENHANCE_YOUR_CALM', 'h2_cli_rst.INTERNAL_ERROR'],
  ...['h2_srv_goaway_error.ENHANCE_YOUR_CALM', 'h2_cli_goaway_error.CANCEL'],
  ...['h2_srv_ends.h2-srv-tcp-rst', 'h2_srv_ends.h2-srv-truncate-data', 'h2_srv_shapes.h2-srv-1xx'],
  ...['h2_srv_push', 'h2_srv_zero_window', 'h2_srv_frame_too_big'],
  // gRPC
  ...['grpc_status.0.grpc', 'grpc_status.7.grpc_native', 'grpc_trailers_only.12.grpc'],
  ...['grpc_trailers_only.14.grpc_native', 'grpc_http_status.503.grpc', 'grpc_missing_status.grpc'],
  ...['grpc_interop.ping_pong.grpc', 'grpc_interop.server_streaming.grpc_native'],
  ...['grpc_interop.server_compressed_unary.grpc', 'grpc_interop.custom_metadata.grpc_native'],
  ...['grpc_srv_odd.status_abc.grpc', 'grpc_srv_too_many_pings.grpc', 'grpc_cli_answered.two_messages'],
];
