/** The shape of a case after defaults and matrix are applied: one declaration gives the JSON Schema and the type. */
import Type from 'typebox';
import { ClientLimits, FaultLimits } from '../../protos/control/fault-limits.ts';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const text = Type.String();
const names = Type.Array(text);
// Not Type.Tuple: it writes the `items` list that JSON Schema 2020-12 replaced by prefixItems.
const fields = Type.Array(Type.Unsafe<[string, string]>(Type.Array(text, { minItems: 2, maxItems: 2 })));
const milliseconds = Type.Integer({ minimum: 0 });
const section = Type.Record(text, Type.Unknown());
const tlsVersion = Type.Enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);
const serverFault = Type.Object({ id: text, params: optional(section), only: optional(FaultLimits) }, closed);
const clientFault = Type.Object(
  { id: text, params: optional(section), only: optional(ClientLimits) },
  closed,
);
/** A pattern: checked by match.ts, whose errors name operators. */
const pattern = Type.Unknown();

const clientTls = Type.Object(
  {
    verify: optional(Type.Boolean()),
    ca: optional(text),
    cert: optional(text),
    servername: optional(text),
    alpn: optional(names),
    minVersion: optional(tlsVersion),
    maxVersion: optional(tlsVersion),
    ciphers: optional(text),
    groups: optional(text),
    sigalgs: optional(text),
  },
  closed,
);

const proxyHeader = Type.Object(
  {
    version: Type.Enum(['none', 'v1', 'v2', 'malformed']),
    src: optional(text),
    dst: optional(text),
    family: optional(Type.Enum(['TCP4', 'TCP6', 'UNKNOWN', 'UNSPEC'])),
    command: optional(Type.Enum(['PROXY', 'LOCAL'])),
    tlvs: optional(
      Type.Array(Type.Object({ type: Type.Integer({ minimum: 0, maximum: 255 }), value_hex: text }, closed)),
    ),
    crc32c: optional(Type.Boolean()),
    raw_hex: optional(text),
    split: optional(Type.Array(Type.Integer({ minimum: 0 }))),
  },
  closed,
);

const request = Type.Object(
  {
    method: optional(text),
    path: optional(text),
    headers: optional(fields),
    body: optional(
      Type.Union([
        Type.Object(
          {
            bytes: Type.Integer({ minimum: 0 }),
            seed: optional(Type.Integer()),
            chunked: optional(Type.Boolean()),
          },
          closed,
        ),
        Type.Object({ text }, closed),
      ]),
    ),
    trailers: optional(fields),
  },
  closed,
);

const client = {
  proto: Type.Enum(['h1', 'h2', 'grpc', 'grpc_native', 'raw']),
  mode: optional(Type.Enum(['ok', 'chat', 'client_close_early', 'client_rst', 'client_half_close', 'idle'])),
  /** False: plaintext on a TLS listener. Left out: TLS where the listener has it. */
  tls: optional(Type.Union([clientTls, Type.Literal(false)])),
  proxyHeader: optional(proxyHeader),
  cycles: optional(Type.Integer({ minimum: 1 })),
  concurrency: optional(Type.Integer({ minimum: 1 })),
  request: optional(request),
  grpc: optional(
    Type.Object(
      {
        call: text,
        params: optional(section),
        metadata: optional(fields),
        deadlineMs: optional(milliseconds),
      },
      closed,
    ),
  ),
  h2: optional(
    Type.Object(
      {
        push: optional(Type.Enum(['disabled', 'accept', 'reject'])),
        initialWindowBytes: optional(Type.Integer({ minimum: 0 })),
      },
      closed,
    ),
  ),
  fault: optional(clientFault),
  /** Of proto raw: connections one after the other; the limits of the fault choose among them. */
  connections: optional(Type.Integer({ minimum: 1 })),
  idleMs: optional(milliseconds),
  timeoutMs: optional(milliseconds),
  /** So many of this client at once, each from a source address of its own. */
  copies: optional(Type.Integer({ minimum: 1, maximum: 200 })),
};

const endpoint = Type.Object(
  {
    kind: Type.Enum(['http', 'grpc', 'raw']),
    tls: optional(
      Type.Object(
        {
          cert: optional(text),
          clientCert: optional(Type.Enum(['none', 'request', 'require'])),
          clientCa: optional(text),
          alpn: optional(names),
          minVersion: optional(tlsVersion),
          maxVersion: optional(tlsVersion),
          ciphers: optional(text),
          groups: optional(text),
          sigalgs: optional(text),
        },
        closed,
      ),
    ),
    h2: optional(Type.Object({ initialWindowBytes: optional(Type.Integer({ minimum: 0 })) }, closed)),
    fault: optional(serverFault),
  },
  closed,
);

const number = Type.Integer({ minimum: 0 });
const countRule = Type.Union([
  number,
  Type.Object({ min: optional(number), max: optional(number) }, { ...closed, minProperties: 1 }),
]);

/** One rule over records or observations; every key that is not listed here belongs to the pattern. */
const factRule = Type.Object(
  {
    /** A name for `after`, `before` and `$ref`. */
    as: optional(text),
    count: optional(countRule),
    after: optional(text),
    before: optional(text),
    /** At most that many milliseconds after the record named by `after`. */
    within: optional(milliseconds),
    /** Only facts of the connections this client opened. */
    client: optional(text),
  },
  { additionalProperties: true },
);

const expect = Type.Object(
  {
    client: optional(pattern),
    server: optional(
      Type.Object(
        {
          connections: optional(number),
          observations: optional(Type.Array(factRule)),
          never: optional(Type.Array(pattern)),
        },
        closed,
      ),
    ),
    /** Never empty: a case whose records all may be missing could not fail. */
    records: Type.Array(factRule, { minItems: 1 }),
    never: optional(Type.Array(pattern)),
    exhaustive: optional(Type.Array(Type.Enum(['conn', 'tls', 'event', 'h2ctl']))),
    order: optional(Type.Enum(['any', 'subsequence', 'strict'])),
    /** Of an isolated case: its proxy process, seen from outside. */
    proxy: optional(
      Type.Object(
        {
          /** How it ended. */
          exit_code: optional(pattern),
          /** Resident memory it may take for each of the clients' connections, beyond the garbage of any process. */
          rss_growth_max_bytes_per_connection: optional(number),
          /** Another client, served before, during and after those of the case on a connection of its own. */
          bystander: optional(
            Type.Object(
              {
                /** Median latency in the attack, over that before it or beside the twin. */
                latency_ratio_max: optional(Type.Number({ minimum: 1 })),
                /** The proxy's processor time within one exchange. */
                cpu_delay_max_ms: optional(Type.Number({ minimum: 0 })),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);

export const CaseShape = Type.Object(
  {
    tid: Type.String({ pattern: '^[a-z0-9]+(_[a-z0-9]+)*$' }),
    title: Type.String({ minLength: 1 }),
    tags: optional(Type.Array(Type.String({ pattern: '^[\\w.-]+$' }))),
    matrix: optional(Type.Record(text, Type.Array(Type.Unknown(), { minItems: 1 }))),
    exclude: optional(Type.Array(section)),
    /** The combinations of the matrix that are tagged smoke; true for all. */
    smoke: optional(Type.Union([Type.Literal(true), Type.Array(section)])),
    tidFormat: optional(text),
    requires: optional(names),
    /** A proxy process of its own; a name: the one of all cases with that name, which follow one another. */
    isolate: optional(Type.Union([Type.Boolean(), Type.String({ pattern: '^[a-z][a-z0-9-]*$' })])),
    /** The clients reset before the proxy may have accepted them, so that it may not know their address. */
    resetsAtOnce: optional(Type.Boolean()),
    proxy: optional(
      Type.Object(
        {
          signals: Type.Array(
            Type.Object(
              {
                after: Type.Enum(['first socket', 'first exchange', 'first response']),
                signal: Type.Enum(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL']),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
    listener: optional(
      Type.Object(
        {
          listen: optional(text),
          tls: optional(Type.Union([section, Type.Literal(false)])),
          policy: optional(section),
          proxy_protocol: optional(section),
          logging: optional(section),
          upstream: optional(section),
        },
        { additionalProperties: true },
      ),
    ),
    upstream: Type.Union([Type.Enum(['refused', 'unresolvable', 'unroutable']), endpoint]),
    client: optional(Type.Object(client, closed)),
    /** Harmless work as large as the attack, done before it: what the bystander is compared with. */
    twin: optional(Type.Object(client, closed)),
    clients: optional(
      Type.Array(
        /** `after`: starts when that client has its result, not at once. */
        Type.Object({ name: text, after: optional(text), ...client }, closed),
        { minItems: 1 },
      ),
    ),
    /** The same without the proxy, which every case is compared with: not in this one, or not in these places; and why. */
    direct: optional(
      Type.Union([
        Type.Object({ skip: Type.String({ minLength: 10 }) }, closed),
        Type.Object(
          { differs: Type.Record(text, Type.String({ minLength: 10 }), { minProperties: 1 }) },
          closed,
        ),
      ]),
    ),
    expect,
  },
  closed,
);

export const CaseFile = Type.Object(
  {
    area: optional(text),
    defaults: optional(section),
    cases: Type.Array(Type.Object({ tid: text }, { additionalProperties: true }), { minItems: 1 }),
  },
  closed,
);

export type CaseShape = Type.Static<typeof CaseShape>;
export type CaseFile = Type.Static<typeof CaseFile>;
/** `loose`, never written in a case: a part of the pattern was taken away, so that more facts than meant may match. */
export type FactRule = Type.Static<typeof factRule> & { loose?: true } & Record<string, unknown>;
export type CountRule = Type.Static<typeof countRule>;
