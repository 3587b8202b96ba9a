import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { createRecordLog } from './record-log.ts';
import type { Sink } from './sink.ts';
import { connFields, eventFields, h2ctlFields, testConnection, tlsFields } from './test-connection.ts';

/** The keys of 1.50 in their order, from its rows; what is new comes behind them. */
const keysOf150 = {
  conn: 'kind id ts listener client_ip client_port upstream_addr event proxy_version proxy_src proxy_dst closed_by close_reason duration_ms flags conn_id tid path',
  tls: 'kind id ts listener client_ip client_port side outcome reason category detail tls upstream fingerprints conn_id',
  event:
    'kind id ts_start ts_end listener client_ip client_port upstream_addr protocol tls request response bytes_in bytes_out duration_ms flags error conn_id',
  h2ctl: 'kind id ts listener client_ip client_port direction h2_event stream_id details conn_id',
  'tls.tls': 'sni alpn version cipher',
  'tls.upstream': 'addr verify server_name ca alpn mtls',
  'event.request':
    'headers body_b64 body_truncated content_length method path authority stream_id grpc_service grpc_method',
  'event.response': 'headers body_b64 body_truncated content_length status',
};

const schema = JSON.parse(
  readFileSync(new URL('../../protos/records/records.schema.json', import.meta.url), 'utf8'),
);
const validate = new Ajv2020({ allErrors: true }).compile(schema);

type Row = Record<string, unknown> & { kind: string };

function memorySink(): Sink & { lines: string[]; rows(): Row[] } {
  const lines: string[] = [];
  return {
    lines,
    rows: () => lines.map((line) => JSON.parse(line) as Row),
    push: (line) => lines.push(line) > 0,
    congested: false,
    queued: false,
    onceDrained: (callback) => callback(),
    get written() {
      return lines.length;
    },
    dropped: 0,
    flush: async () => {},
    flushSync: () => {},
  };
}

function everyKind(logging: Parameters<typeof testConnection>[1] = {}, random?: () => number) {
  const sink = memorySink();
  const log = createRecordLog(sink, { version: '2.0.0', configHash: '0123456789abcdef', random });
  const context = testConnection(log, logging);
  log.ready([{ name: 'a', host: '127.0.0.1', port: 4711 }]);
  log.tls(context, tlsFields);
  log.event(context, eventFields);
  log.h2ctl(context, h2ctlFields);
  log.conn(context, connFields);
  log.stopSync();
  return { sink, log, context };
}

const one = (rows: Row[], kind: string): Row => rows.find((row) => row.kind === kind)!;

test('every kind is valid against the published schema, in whole lines', () => {
  const { sink } = everyKind();
  for (const line of sink.lines) {
    expect(line.endsWith('\n')).toBe(true);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    validate(JSON.parse(line));
    expect(validate.errors).toBeNull();
  }
  expect(sink.rows().map((row) => row.kind)).toEqual([
    'meta',
    'meta',
    'tls',
    'event',
    'h2ctl',
    'conn',
    'meta',
  ]);
  expect(sink.rows().map((row) => row.seq)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('the schema refuses what the records must not be', () => {
  const conn = one(everyKind().sink.rows(), 'conn');
  for (const wrong of [
    { ...conn, term: 'xyz' },
    { ...conn, extra: 1 },
    { ...conn, seq: undefined },
  ]) {
    expect(validate(JSON.parse(JSON.stringify(wrong)))).toBe(false);
  }
});

test('the keys of 1.50 come first and in their order', () => {
  const rows = everyKind().sink.rows();
  for (const [place, keys] of Object.entries(keysOf150)) {
    const [kind, inner] = place.split('.');
    const object = inner === undefined ? one(rows, kind!) : (one(rows, kind!)[inner] as object);
    const expected = keys.split(' ');
    expect(Object.keys(object).slice(0, expected.length), place).toEqual(expected);
  }
});

test('key order is the one of the schema, down to every nested object', () => {
  const rows = everyKind().sink.rows();
  for (const variant of schema.anyOf) {
    const kind = variant.properties.kind.const as string;
    expect(Object.keys(one(rows, kind)), kind).toEqual(Object.keys(variant.properties));
    for (const [key, property] of Object.entries<{ properties?: object }>(variant.properties)) {
      if (property.properties === undefined) continue;
      expect(Object.keys(one(rows, kind)[key] as object), `${kind}.${key}`).toEqual(
        Object.keys(property.properties),
      );
    }
  }
});

test('values arrive unchanged, hostile text included', () => {
  const rows = everyKind().sink.rows();
  expect(one(rows, 'conn')).toMatchObject({
    ...connFields,
    duration_ms: 9,
    listener: 'test-"quoted"',
    client_ip: '203.0.113.10',
    peer_ip: '127.0.0.1',
    upstream_local: '127.0.0.1:40001',
  });
  expect(one(rows, 'tls')).toMatchObject(tlsFields);
  expect(one(rows, 'h2ctl')).toMatchObject(h2ctlFields);
});

test('header maps hold the last duplicate, and the trailers of the response', () => {
  const event = one(everyKind({ redactHeaders: [] }).sink.rows(), 'event');
  const request = event.request as { headers: object; raw_headers: unknown };
  expect(Object.entries(request.headers)).toEqual([
    [':path', '/pkg.Svc/Do?token=s3cret&tid=a'],
    ['Authorization', 'Bearer s3cret'],
    ['x-dup', 'last'],
    ['__proto__', 'kept'],
  ]);
  expect(request.raw_headers).toEqual(eventFields.request.raw_headers);
  expect((event.response as { headers: object }).headers).toEqual({
    ':status': '200',
    'set-cookie': 'a=1',
    'grpc-status': '0',
    cookie: 's3cret',
  });
});

test('a redacted header or query parameter is nowhere in the lines', () => {
  const { sink } = everyKind({ redactQuery: ['token'] });
  expect(sink.lines.join('')).not.toContain('s3cret');
  const event = one(sink.rows(), 'event');
  expect(event.request).toMatchObject({
    path: '/pkg.Svc/Do?token=***&tid=a',
    headers: { ':path': '/pkg.Svc/Do?token=***&tid=a', Authorization: '***' },
    trailers: [['x-api-key', '***']],
  });
  expect(event.response).toMatchObject({
    headers: { cookie: '***' },
    trailers: [
      ['grpc-status', '0'],
      ['cookie', '***'],
    ],
  });
  expect(one(sink.rows(), 'conn').path).toBe('/mode/ok?tid=proxy_v1_h1&token=***');
  expect(eventFields.request.raw_headers[1], 'the caller keeps its fields').toEqual([
    'Authorization',
    'Bearer s3cret',
  ]);
});

test('what a record repeats of a redacted header is hidden there too', () => {
  const sink = memorySink();
  const log = createRecordLog(sink, { version: '2.0.0', configHash: '0123456789abcdef' });
  const redactHeaders = ['X-Tid', 'traceparent', ':authority', 'grpc-message', ':path'];
  const context = testConnection(log, { redactHeaders });
  const hidden = { tid: 's3cret', trace_id: 's3cret', grpc_message: 's3cret' };
  const target = { authority: 's3cret', path: 's3cret', grpc_service: 's3cret', grpc_method: 's3cret' };
  const request = { ...eventFields.request, ...target, raw_headers: [], trailers: [] };
  const response = { ...eventFields.response, raw_headers: [], trailers: [] };
  log.event(context, { ...eventFields, ...hidden, request, response });
  log.conn(context, { ...connFields, tid: 's3cret', path: 's3cret' });
  expect(sink.lines.join('')).not.toContain('s3cret');
  expect(one(sink.rows(), 'event').request).toMatchObject({ path: '***', grpc_service: '***' });
});

test('the fields of an exchange are its own, however often a connection had the same before', () => {
  const sink = memorySink();
  const log = createRecordLog(sink, { version: '2.0.0', configHash: '0123456789abcdef' });
  const context = testConnection(log, { redactHeaders: ['cookie'] });
  const fields = (value: string): [string, string][] => [
    ['x-value', value],
    ['x-quoted', '"\\\u00e9\ud83d\ude00'],
    ['x-value', `${value} again`],
    ['cookie', 's3cret'],
  ];
  const [a, b, ends] = [fields('a'), fields('b'), fields('ends')];
  const sent = [a, a, a, b, a, a, b, b].map((list, at) => ({ list, trailers: at % 3 === 2 ? ends : [] }));
  for (const { list, trailers } of sent) {
    const request = { ...eventFields.request, raw_headers: list, trailers };
    const response = { ...eventFields.response, raw_headers: list, trailers };
    log.event(context, { ...eventFields, request, response });
  }
  const shown = (list: [string, string][]) =>
    list.map(([name, value]) => [name, name === 'cookie' ? '***' : value]);
  const events = sink.rows().filter(({ kind }) => kind === 'event');
  const told = events.map(({ request, response }) => ({ request, response }));
  expect(told).toMatchObject(
    sent.map(({ list, trailers }) => ({
      request: {
        headers: Object.fromEntries(shown(list)),
        raw_headers: shown(list),
        trailers: shown(trailers),
      },
      response: {
        headers: Object.fromEntries([...shown(list), ...shown(trailers)]),
        raw_headers: shown(list),
        trailers: shown(trailers),
      },
    })),
  );
});

test('log_headers false empties every list and map of headers', () => {
  const event = one(everyKind({ logHeaders: false }).sink.rows(), 'event');
  for (const side of [event.request, event.response]) {
    expect(side).toMatchObject({ headers: {}, raw_headers: [], trailers: [] });
  }
});

test('h2ctl is written only where it is asked for', () => {
  expect(
    everyKind({ h2ControlEvents: false })
      .sink.rows()
      .map((row) => row.kind),
  ).not.toContain('h2ctl');
});

test('sample_rate leaves out successes and never a failure', () => {
  const rolls = [0.1, 0.9, 0.3];
  const sink = memorySink();
  const log = createRecordLog(sink, { version: '1', configHash: '', random: () => rolls.shift()! });
  const half = testConnection(log, { sampleRate: 0.5 });
  for (let i = 0; i < 3; i++) log.event(half, { ...eventFields, bytes_in: i });
  const none = testConnection(log, { sampleRate: 0 });
  log.event(none, { ...eventFields, cause: 'reset' });
  log.event(none, { ...eventFields, grpc_status: 14 });
  log.event(none, { ...eventFields, response: { ...eventFields.response, status: 503 } });
  const events = sink.rows().filter((row) => row.kind === 'event');
  expect(events.map((row) => [row.bytes_in, row.cause, row.grpc_status])).toEqual([
    [0, null, 0],
    [2, null, 0],
    [1, 'reset', 0],
    [1, null, 14],
    [1, null, 0],
  ]);
  expect(rolls).toEqual([]);
});

test('a number JSON cannot say does not break the line', () => {
  const sink = memorySink();
  const log = createRecordLog(sink, { version: '1', configHash: '' });
  log.conn(testConnection(log), { ...connFields, ts: Number.NaN, duration_ms: Number.POSITIVE_INFINITY });
  expect(one(sink.rows(), 'conn')).toMatchObject({ ts: null, duration_ms: null });
});

test('without a record file nothing is written and nothing fails', async () => {
  const log = createRecordLog(null, { version: '1', configHash: '' });
  log.conn(testConnection(log), connFields);
  log.ready([]);
  expect(log.congested).toBe(false);
  await new Promise<void>((resolve) => log.onceDrained(resolve));
  await log.stop();
});

test('stop counts what was written before it, and nothing follows it', async () => {
  const { sink, log, context } = everyKind();
  expect(sink.rows().at(-1)).toMatchObject({ event: 'stop', written: 6, dropped: 0 });
  log.conn(context, connFields);
  await log.stop();
  expect(sink.lines).toHaveLength(7);
});
