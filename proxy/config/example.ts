/** What `--dump-example-config` prints: every key with its default, and one plaintext listener to start from. */
export const exampleConfig = `# wiretracer: what to listen on, where to relay to, what to record.
# Check it with: wiretracer --config config.yaml --check
# Relative paths start at the working directory. Times: seconds, except where a key ends in _ms.

# When the record queue is full: block = slow the traffic down, lose nothing; drop = lose records, count them.
overflow: block
# SIGTERM lets open connections go on this long (s).
shutdown_grace: 5
# Processes that relay. One serves on its own; more share the connections and write one record file. auto = one per core.
workers: 1

listeners:
  - name: grpc-mitm
    # IPv6 in brackets: "[::1]:9100". Port 0 takes a free port and tells it in the ready record.
    listen: "0.0.0.0:9100"

    # Leave tls out for a plaintext listener.
    tls:
      cert: certs/server.pem
      key: certs/server-key.pem
      # true needs client_ca, the CA that client certificates must chain to.
      require_client_cert: false
      # client_ca: certs/client-ca.pem
      # Revocation lists; with one, every CA of a chain needs its own.
      # client_crl: certs/client-ca.crl
      alpn: ["h2", "http/1.1"]
      min_version: TLS1.2

    # PROXY protocol in front of the connection: auto (none, v1 or v2), off or required.
    proxy_protocol:
      mode: auto
      # CIDRs whose headers are believed; empty believes everyone.
      trusted: []
      timeout_ms: 3000

    upstream:
      addr: "127.0.0.1:50052"
      tls: true
      # SNI and the name that is verified; left out, the host of addr.
      server_name: localhost
      verify: true
      # Trusted in addition to the system's CAs.
      # ca: certs/ca.pem
      # Revocation lists; with one, every CA of a chain needs its own.
      # crl: certs/ca.crl
      alpn: ["h2", "http/1.1"]
      # For mutual TLS towards the upstream, both or neither:
      # client_cert: certs/client.pem
      # client_key: certs/client-key.pem
      # client_key_password: secret
      # Resume TLS sessions: a cheaper handshake, which shows no certificate to verify.
      session_reuse: false

    policy:
      # CIDRs that may connect; empty lets everyone in.
      allowlist: []
      max_connections: 200
      maxconn_wait_warn_ms: 200
      # 0 waits for a free slot without limit.
      maxconn_wait_timeout_ms: 30000
      upstream_connect_timeout: 5
      upstream_handshake_timeout: 10
      tls_handshake_timeout: 10
      # No byte from the side whose turn it is while a request is open.
      read_timeout: 30
      # No byte at all and no request open.
      idle_timeout: 120

    logging:
      # Records, one JSON object per line; "-" is standard output. The first listener that names one decides for all.
      jsonl_path: wiretracer.jsonl
      log_headers: true
      # Bodies may hold secrets: they are recorded unredacted.
      log_body: false
      # Per body, 0 and anything above means 10485760.
      body_max_bytes: 0
      # Values written as *** in records; the traffic itself is never changed.
      redact_headers: ["authorization", "cookie", "x-api-key"]
      redact_query: []
      # Share of successful exchanges to record; failed ones are always recorded.
      sample_rate: 1.0
      # Record HTTP/2 control frames.
      h2_control_events: false
`;
