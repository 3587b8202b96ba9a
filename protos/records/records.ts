/**
 * The record contract: one JSON object per line, one line per fact.
 *
 * The kinds `conn`, `tls`, `event` and `h2ctl` carry the keys of wiretracer 1.50 in their old order; keys that
 * are new follow after them. Every key is always present; what is unknown or does not apply is null (or empty).
 * Times named `ts*` are epoch seconds with a fraction, times named `*_ms` are milliseconds.
 */
import Type from 'typebox';

const open = { additionalProperties: false } as const;
const text = Type.String();
const maybeText = Type.Union([Type.String(), Type.Null()]);
const count = Type.Integer({ minimum: 0 });
const maybeCount = Type.Union([count, Type.Null()]);
const port = Type.Integer({ minimum: 0, maximum: 65535 });
/**
 * Names as sent, duplicates and order kept. Not Type.Tuple: it writes `items: [...]`, which JSON Schema 2020-12
 * replaced by prefixItems.
 */
const fieldList = Type.Array(Type.Unsafe<[string, string]>(Type.Array(text, { minItems: 2, maxItems: 2 })));
/** Name to value; of duplicates the last one, as 1.50 did. */
const fieldMap = Type.Record(text, text);

/** Who ended a connection: the side whose FIN, RST, fatal alert or limit came first. */
const endedBy = Type.Enum(['client', 'upstream', 'proxy', 'unknown']);

const appended = {
  /** Unique and rising by one over a run, from its `start` line on; a gap is a line that was dropped. */
  seq: count,
  /** The TCP peer, never replaced by what a PROXY header claims. */
  peer_ip: text,
  peer_port: port,
};

export const ConnRecord = Type.Object(
  {
    kind: Type.Literal('conn'),
    id: text,
    ts: Type.Number(),
    listener: text,
    /** The PROXY source where a header named one, else the TCP peer. */
    client_ip: text,
    client_port: port,
    upstream_addr: text,
    event: Type.Enum(['wait', 'open', 'close']),
    proxy_version: Type.Union([Type.Enum(['none', 'v1', 'v2', 'invalid']), Type.Null()]),
    proxy_src: maybeText,
    proxy_dst: maybeText,
    closed_by: Type.Union([endedBy, Type.Null()]),
    close_reason: maybeText,
    duration_ms: maybeCount,
    flags: Type.Array(text),
    conn_id: text,
    tid: maybeText,
    path: maybeText,
    ...appended,
    /** The proxy's own `ip:port` towards the upstream, null before it dialled. */
    upstream_local: maybeText,
    /** Why, in one stable word; see causes.ts. Null unless event is close. */
    cause: maybeText,
    /** Who and in which phase, two letters; see causes.ts. Null unless event is close. */
    term: Type.Union([Type.String({ minLength: 2, maxLength: 2 }), Type.Null()]),
    /** The evidence in words, for people. */
    error: maybeText,
    /** Protocol the relay carried: `h2`, `http/1.1`, `redis`, `raw`, or null when none was reached. */
    protocol: maybeText,
    /** Application bytes (inside TLS) from the client and from the upstream. Null unless event is close. */
    bytes_in: maybeCount,
    bytes_out: maybeCount,
    /** PROXY v2 TLVs in wire order, values in hex; the command and the whole header as received. */
    proxy_tlvs: Type.Array(Type.Object({ type: Type.Integer(), name: text, value_hex: text }, open)),
    proxy_command: Type.Union([Type.Enum(['PROXY', 'LOCAL']), Type.Null()]),
    /** How each side ended its TCP stream: `fin`, `rst`, or null when it had not. */
    client_end: Type.Union([Type.Enum(['fin', 'rst']), Type.Null()]),
    upstream_end: Type.Union([Type.Enum(['fin', 'rst']), Type.Null()]),
    /** Whether a TLS close_notify came before that end; null on plaintext, or when it cannot be told. */
    client_close_notify: Type.Union([Type.Boolean(), Type.Null()]),
    upstream_close_notify: Type.Union([Type.Boolean(), Type.Null()]),
  },
  open,
);

const certificate = Type.Object(
  { subject: text, issuer: text, not_before: text, not_after: text, san: maybeText, fingerprint256: text },
  open,
);

export const TlsRecord = Type.Object(
  {
    kind: Type.Literal('tls'),
    id: text,
    ts: Type.Number(),
    listener: text,
    client_ip: text,
    client_port: port,
    side: Type.Enum(['in', 'out']),
    outcome: Type.Enum(['ok', 'fail']),
    reason: maybeText,
    category: maybeText,
    detail: maybeText,
    tls: Type.Object({ sni: maybeText, alpn: maybeText, version: maybeText, cipher: maybeText }, open),
    upstream: Type.Object(
      {
        addr: text,
        verify: Type.Optional(Type.Boolean()),
        server_name: Type.Optional(maybeText),
        ca: Type.Optional(maybeText),
        alpn: Type.Optional(Type.Array(text)),
        mtls: Type.Optional(Type.Boolean()),
      },
      open,
    ),
    fingerprints: fieldMap,
    conn_id: text,
    ...appended,
    upstream_local: maybeText,
    duration_ms: maybeCount,
    /** The alert that ended the handshake, seen (`received`) or caused (`sent`) by the proxy. */
    alert: Type.Union([
      Type.Object({ direction: Type.Enum(['sent', 'received']), number: count, name: text }, open),
      Type.Null(),
    ]),
    /** The peer's certificate: always on failure where one came, on success too. */
    peer_cert: Type.Union([certificate, Type.Null()]),
    resumed: Type.Boolean(),
    /** True for an alert that came after this side had already been recorded as ok (TLS 1.3 client authentication). */
    late: Type.Boolean(),
    cause: maybeText,
  },
  open,
);

const message = {
  headers: fieldMap,
  body_b64: maybeText,
  body_truncated: Type.Boolean(),
  content_length: maybeCount,
};

/** A command and its reply. Keys, values, users' channels and all other arguments are never recorded, so no credential is. */
const redis = Type.Object(
  {
    /** In capitals; null for a name that Redis and its modules do not have, which may be a secret (`rename-command`). */
    command: maybeText,
    subcommand: maybeText,
    /** Words after the command's name, the subcommand among them. */
    arg_count: count,
    /** The name the client last gave itself (CLIENT SETNAME, HELLO SETNAME), whether or not the server took it. */
    client_name: maybeText,
    /** A channel of Redis's own that the command names: `__sentinel__:hello`, `__redis__:invalidate`. */
    channel: maybeText,
    /**
     * `answered`; `queued`: the answer is QUEUED, the result comes with EXEC; `suppressed`: CLIENT REPLY OFF or SKIP;
     * `stream`: what follows is no reply any more (MONITOR, SYNC, PSYNC); `unpaired`: sent behind that, or not to be told apart;
     * `none`: no whole reply came.
     */
    reply: Type.Enum(['answered', 'queued', 'suppressed', 'stream', 'unpaired', 'none']),
    reply_type: Type.Union([
      Type.Enum([
        'simple_string',
        'error',
        'integer',
        'bulk_string',
        'array',
        'null',
        'double',
        'boolean',
        'big_number',
        'blob_error',
        'verbatim_string',
        'map',
        'set',
        'push',
      ]),
      Type.Null(),
    ]),
    /** First word of the error, `NOAUTH`; of an aggregate (EXEC) that of the first error directly in it. */
    error_code: maybeText,
    /** The rest of it, at most 256 characters; quoted arguments are hidden, and null where a script may have written it. */
    error_text: maybeText,
    /** Version of the protocol of the reply: 3 after HELLO 3. */
    resp_version: Type.Enum([2, 3]),
    /** Messages pushed to the client (pub/sub, invalidation) since the event before this one on the connection. */
    pushes: count,
    /**
     * Commands this event stands for. Above 1: the rest of a run of like commands, each sent before the one ahead of it was
     * answered, whose first sixteen have events of their own; bytes and time are those of all of them together.
     */
    count: Type.Integer({ minimum: 1 }),
  },
  open,
);

export const EventRecord = Type.Object(
  {
    kind: Type.Literal('event'),
    id: text,
    ts_start: Type.Number(),
    ts_end: Type.Number(),
    listener: text,
    client_ip: text,
    client_port: port,
    upstream_addr: text,
    protocol: Type.Enum(['http1', 'http2', 'grpc', 'redis']),
    tls: Type.Object({ sni: maybeText, alpn: maybeText, version: maybeText, cipher: maybeText }, open),
    request: Type.Object(
      {
        ...message,
        method: maybeText,
        path: maybeText,
        authority: maybeText,
        stream_id: maybeCount,
        grpc_service: maybeText,
        grpc_method: maybeText,
        raw_headers: fieldList,
        trailers: fieldList,
      },
      open,
    ),
    /** `headers` has the trailers merged in, as in 1.50; `raw_headers` and `trailers` keep them apart. */
    response: Type.Object(
      { ...message, status: maybeCount, raw_headers: fieldList, trailers: fieldList },
      open,
    ),
    bytes_in: count,
    bytes_out: count,
    duration_ms: count,
    flags: Type.Array(text),
    error: maybeText,
    conn_id: text,
    ...appended,
    upstream_local: maybeText,
    tid: maybeText,
    trace_id: maybeText,
    /** Why the exchange did not complete; null when it did. Same words as on a conn close. */
    cause: maybeText,
    /** RST_STREAM or GOAWAY code that ended the stream, and its RFC 9113 name. */
    error_code: maybeCount,
    error_code_name: maybeText,
    grpc_status: maybeCount,
    grpc_message: maybeText,
    grpc_request_messages: maybeCount,
    grpc_response_messages: maybeCount,
    grpc_timeout_ms: Type.Union([Type.Number(), Type.Null()]),
    /** True when the response was one HEADERS frame with END_STREAM. Null unless protocol is grpc. */
    trailers_only: Type.Union([Type.Boolean(), Type.Null()]),
    /** Status codes of 1xx responses that came before the final one. */
    informational: Type.Array(count),
    /** What was odd on the wire, one stable word each; never a reason to reject. */
    anomalies: Type.Array(text),
    /** True when the proxy itself answered because the upstream could not. */
    local_reply: Type.Boolean(),
    /** Of a Redis command; null unless protocol is redis. */
    redis: Type.Union([redis, Type.Null()]),
  },
  open,
);

export const H2ctlRecord = Type.Object(
  {
    kind: Type.Literal('h2ctl'),
    id: text,
    ts: Type.Number(),
    listener: text,
    client_ip: text,
    client_port: port,
    /** `downstream`: the frame came from the client; `upstream`: from the server. */
    direction: Type.Enum(['downstream', 'upstream']),
    h2_event: Type.Enum([
      'SETTINGS',
      'SETTINGS_ACK',
      'WINDOW_UPDATE',
      'RST_STREAM',
      'GOAWAY',
      'FLOW_BLOCK',
      'FINGERPRINT',
      'AKAMAI_FINGERPRINT',
      'PING',
      'PING_ACK',
      'PRIORITY',
      'PUSH_PROMISE',
      'DECODE_ERROR',
    ]),
    stream_id: maybeCount,
    details: Type.Record(text, Type.Unknown()),
    conn_id: text,
    ...appended,
    /** RFC 9113 name of `details.error_code` for RST_STREAM and GOAWAY, else null. */
    error_code_name: maybeText,
  },
  open,
);

const maybeNumber = Type.Union([Type.Number({ minimum: 0 }), Type.Null()]);

const healthFigures = {
  /** How late a timer of 5 ms came, at worst and in 99 of 100 samples; what held up the event loop lasted up to 5 ms longer. */
  event_loop_delay_max_ms: maybeNumber,
  event_loop_delay_p99_ms: maybeNumber,
  /** CPU time the loop's thread used at most between two firings of that timer: the share of the delay that is the proxy's own. */
  event_loop_cpu_max_ms: maybeNumber,
  /** Pauses of the garbage collector; they are event-loop delay too. */
  gc_pause_count: maybeCount,
  gc_pause_max_ms: maybeNumber,
  /** Largest resident set of the process. */
  rss_max_bytes: maybeCount,
  /** CPU seconds of all threads of the process. */
  cpu_user_s: maybeNumber,
  cpu_system_s: maybeNumber,
  /** Client connections open at once, those waiting for a slot included. */
  connections_open_max: maybeCount,
};

export const MetaRecord = Type.Object(
  {
    kind: Type.Literal('meta'),
    event: Type.Enum(['start', 'ready', 'stop']),
    ts: Type.Number(),
    seq: count,
    schema: Type.Literal('wiretracer/2'),
    version: text,
    pid: count,
    config_hash: text,
    /** With ready: every listener's real address. Else empty. */
    listeners: Type.Array(Type.Object({ name: text, host: text, port }, open)),
    /** With stop: lines written before this one, and lines given up. Else null. */
    written: maybeCount,
    dropped: maybeCount,
    /**
     * With stop: how the proxy itself fared since its start, so that what a slow proxy caused is not blamed on a peer.
     * Else null. Names after OpenTelemetry's nodejs.eventloop.delay, v8js.gc, process.memory and process.cpu.
     */
    ...healthFigures,
  },
  open,
);

export const AnyRecord = Type.Union([ConnRecord, TlsRecord, EventRecord, H2ctlRecord, MetaRecord]);

export type ConnRecord = Type.Static<typeof ConnRecord>;
export type TlsRecord = Type.Static<typeof TlsRecord>;
export type EventRecord = Type.Static<typeof EventRecord>;
export type H2ctlRecord = Type.Static<typeof H2ctlRecord>;
export type MetaRecord = Type.Static<typeof MetaRecord>;
export type AnyRecord = Type.Static<typeof AnyRecord>;
/** The health figures of a `stop` line, every one known. */
export type Health = { [Name in keyof typeof healthFigures]: number };
