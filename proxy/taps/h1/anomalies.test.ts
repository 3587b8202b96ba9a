import { describe, expect, it } from 'vitest';
import type { Side } from '../tap.ts';
import { type Anomaly, anomalies } from './anomalies.ts';
import { contentLength, requestFraming } from './framing.ts';
import { parseFields } from './head.ts';
import { recordingContext } from './recording.fixture.ts';
import { createH1Tap } from './tap.ts';

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const request = (fields: string, start = 'GET / HTTP/1.1') => `${start}\r\n${fields}\r\n`;
const post = (fields: string, body: string) => `POST / HTTP/1.1\r\nHost: h\r\n${fields}\r\n${body}`;
const response = (fields: string, body = '', start = 'HTTP/1.1 200 OK') => `${start}\r\n${fields}\r\n${body}`;

type Row = {
  name: string;
  client: string;
  upstream: string;
  expected: Anomaly[];
  by?: Side;
};

/** Each row: what both sides send, and the words the one event has. `by` is whom a violation is put down to. */
const rows: Row[] = [
  {
    name: 'h1-bad-method',
    client: request('Host: h\r\n', 'G@T / HTTP/1.1'),
    upstream: OK,
    expected: ['invalid_method'],
  },
  {
    name: 'no version',
    client: 'GET /\r\n\r\n',
    upstream: OK,
    expected: ['invalid_request_line'],
    by: 'client',
  },
  {
    name: 'h1-tls-hello',
    client: '\x16\x03\x01\x02\0',
    upstream: OK,
    expected: ['invalid_request_line'],
    by: 'client',
  },
  {
    name: 'h1-proxy-line',
    client: 'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n\r\n',
    upstream: OK,
    expected: ['invalid_request_line'],
    by: 'client',
  },
  {
    name: 'spaces in the target',
    client: request('Host: h\r\n', 'GET /a b HTTP/1.1'),
    upstream: OK,
    expected: ['invalid_request_line'],
  },
  {
    name: 'h1-bad-version',
    client: request('Host: h\r\n', 'GET / HTTP/3.0'),
    upstream: OK,
    expected: ['invalid_version'],
  },
  { name: 'h1-no-host', client: request(''), upstream: OK, expected: ['missing_host'] },
  { name: 'HTTP/1.0 needs no Host', client: request('', 'GET / HTTP/1.0'), upstream: OK, expected: [] },
  {
    name: 'two Hosts',
    client: request('Host: h\r\nHost: i\r\n'),
    upstream: OK,
    expected: ['duplicate_host'],
  },
  {
    name: 'absolute-URI host mismatch',
    client: request('Host: h\r\n', 'GET http://other/ HTTP/1.1'),
    upstream: OK,
    expected: ['absolute_uri_host_mismatch'],
  },
  {
    name: 'absolute URI with its host',
    client: request('Host: H:80\r\n', 'GET http://h:80/x HTTP/1.1'),
    upstream: OK,
    expected: [],
  },
  { name: 'h1-obs-fold', client: request('Host: h\r\nX: a\r\n b\r\n'), upstream: OK, expected: ['obs_fold'] },
  {
    name: 'h1-te-space-colon',
    client: post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
    upstream: OK,
    expected: ['space_before_colon'],
  },
  {
    name: 'h1-nul',
    client: request('Host: h\r\nX: a\0b\r\n'),
    upstream: OK,
    expected: ['control_character'],
  },
  {
    name: 'a name that is no token',
    client: request('Host: h\r\nX(: a\r\n'),
    upstream: OK,
    expected: ['invalid_header_name'],
  },
  {
    name: 'no colon',
    client: request('Host: h\r\njunk\r\n'),
    upstream: OK,
    expected: ['header_without_colon'],
  },
  { name: 'h1-bare-lf', client: 'GET / HTTP/1.1\nHost: h\n\n', upstream: OK, expected: ['bare_lf'] },
  {
    name: 'a line of one character',
    client: 'GET / HTTP/1.1\nHost: h\nx\n\n',
    upstream: OK,
    expected: ['bare_lf', 'header_without_colon'],
  },
  { name: 'bare CR', client: request('Host: h\r\nX: a\rb\r\n'), upstream: OK, expected: ['bare_cr'] },
  { name: 'an empty line first', client: `\r\n${GET}`, upstream: OK, expected: ['leading_empty_line'] },
  {
    name: 'h1-cl-te',
    client: post('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    upstream: OK,
    expected: ['cl_and_te'],
  },
  {
    name: 'h1-dup-cl equal',
    client: post('Content-Length: 1\r\nContent-Length: 1\r\n', 'a'),
    upstream: OK,
    expected: ['duplicate_content_length'],
  },
  {
    name: 'CL as a list',
    client: post('Content-Length: 1, 1\r\n', 'a'),
    upstream: OK,
    expected: ['duplicate_content_length'],
  },
  {
    name: 'CL contradicting',
    client: post('Content-Length: 1\r\nContent-Length: 2\r\n', 'a'),
    upstream: OK,
    expected: ['duplicate_content_length', 'invalid_content_length'],
    by: 'client',
  },
  ...['-1', '+3', '0x3', '1_0', ''].map(
    (value): Row => ({
      name: `CL ${JSON.stringify(value)}`,
      client: post(`Content-Length: ${value}\r\n`, 'a'),
      upstream: OK,
      expected: ['invalid_content_length'],
      by: 'client',
    }),
  ),
  {
    name: 'h1-te-xchunked',
    client: post('Transfer-Encoding: xchunked\r\n', 'a'),
    upstream: OK,
    expected: ['te_not_chunked'],
    by: 'client',
  },
  {
    name: 'TE.TE chunked, identity',
    client: post('Transfer-Encoding: chunked, identity\r\n', 'a'),
    upstream: OK,
    expected: ['te_not_chunked'],
    by: 'client',
  },
  {
    name: 'TE.TE with a control character',
    client: post('Transfer-Encoding: \x0bchunked\r\n', 'a'),
    upstream: OK,
    expected: ['control_character', 'te_not_chunked'],
    by: 'client',
  },
  {
    name: 'TE twice',
    client: post('Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    upstream: OK,
    expected: ['duplicate_transfer_encoding'],
  },
  {
    name: 'TE in HTTP/1.0',
    client: GET,
    upstream: response('Transfer-Encoding: chunked\r\n', '0\r\n\r\n', 'HTTP/1.0 200 OK'),
    expected: ['te_in_http_1_0'],
  },
  ...['g', '', '1_0', '-1', '0x1', 'ffffffffffffffff1', '1 1'].map(
    (size): Row => ({
      name: `h1-bad-chunk ${JSON.stringify(size)}`,
      client: post('Transfer-Encoding: chunked\r\n', `${size}\r\na\r\n`),
      upstream: OK,
      expected: ['bad_chunk_size'],
      by: 'client',
    }),
  ),
  {
    name: 'a chunk size with zeros before and an extension behind',
    client: post('Transfer-Encoding: chunked\r\n', '000000000000000000001 ;x=y\r\na\r\n0\r\n\r\n'),
    upstream: OK,
    expected: [],
  },
  {
    name: 'chunk-no-crlf',
    client: post('Transfer-Encoding: chunked\r\n', '1\r\nab'),
    upstream: OK,
    expected: ['bad_chunk_end'],
    by: 'client',
  },
  {
    name: 'LF after a chunk',
    client: post('Transfer-Encoding: chunked\r\n', '1\na\n0\n\n'),
    upstream: OK,
    expected: ['bare_lf'],
  },
  {
    name: 'h1-chunk-ext-bomb',
    client: post('Transfer-Encoding: chunked\r\n', `1;${'x'.repeat(20000)}`),
    upstream: OK,
    expected: ['chunk_line_too_long'],
  },
  {
    name: 'h1-header-overflow',
    client: request(`Host: h\r\nX: ${'x'.repeat(300000)}\r\n`),
    upstream: OK,
    expected: ['head_too_large'],
  },
  {
    name: 'status 99',
    client: GET,
    upstream: response('Content-Length: 0\r\n', '', 'HTTP/1.1 99 No'),
    expected: ['invalid_status'],
  },
  {
    name: 'status 999',
    client: GET,
    upstream: response('Content-Length: 0\r\n', '', 'HTTP/1.1 999 No'),
    expected: ['invalid_status'],
  },
  {
    name: '204 with a length',
    client: GET,
    upstream: response('Content-Length: 5\r\n', '', 'HTTP/1.1 204 No Content'),
    expected: ['length_without_body'],
  },
  {
    name: 'cl-te from the upstream',
    client: GET,
    upstream: response('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    expected: ['cl_and_te'],
  },
  {
    name: '101-unsolicited',
    client: GET,
    upstream: response('', '', 'HTTP/1.1 101 Switching'),
    expected: ['unrequested_upgrade'],
  },
  {
    name: 'a response to nothing',
    client: '',
    upstream: 'HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n',
    expected: ['unsolicited_response'],
  },
];

function chunked(tap: ReturnType<typeof createH1Tap>, from: Side, text: string, size: number): void {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) tap.data(from, bytes.subarray(at, at + size));
}

function play(row: Pick<Row, 'client' | 'upstream'>, size: number) {
  const { context, events } = recordingContext();
  const tap = createH1Tap(context);
  chunked(tap, 'client', row.client, size);
  chunked(tap, 'upstream', row.upstream, size);
  return { tap, events };
}

describe('one event with the words for what was odd', () => {
  it.each(rows)('$name: $expected', (row) => {
    for (const size of [1_000_000, 1]) {
      const { tap, events } = play(row, size);
      expect(events).toHaveLength(1);
      expect(events[0]!.anomalies).toEqual(row.expected);
      expect(events[0]).toMatchObject({ error: null, cause: null });
      expect(events[0]!.bytes_in).toBe(row.client.length);
      expect(events[0]!.bytes_out).toBe(row.upstream.length);
      const violation = tap.state().violation;
      expect(violation?.by ?? null).toBe(row.by ?? null);
      if (row.by !== undefined) expect(violation!.cause).toBe(`h1_protocol_error:${row.expected.at(-1)}`);
      expect(tap.state().openExchanges).toBe(0);
    }
  });

  it('a length beyond 2^53 is one that no body reaches', () => {
    const { known } = parseFields([`Content-Length: ${'9'.repeat(20)}`], 0, () => {});
    const noted: Anomaly[] = [];
    const length = contentLength(known, (anomaly) => noted.push(anomaly));
    expect(requestFraming(known, 1, length, () => {})).toEqual({ kind: 'length', bytes: 2 ** 53 - 1 });
    expect(noted).toEqual(['huge_content_length']);
  });

  it('has a row or a test of its own for every word', () => {
    const own: Anomaly[] = [
      'invalid_status_line',
      'http2_answer',
      'tls_answer',
      'early_response',
      'too_many_pipelined',
      'huge_content_length',
    ];
    const tested = new Set([...own, ...rows.flatMap((row) => row.expected)]);
    expect([...tested].sort()).toEqual(Object.keys(anomalies).sort());
  });
});

describe('an upstream that breaks the protocol', () => {
  it.each([
    ['garbage', 'nonsense\r\n\r\n', 'invalid_status_line'],
    ['h2-settings-to-h1', '\0\0\x12\x04\0\0\0\0\0', 'invalid_status_line', 'http2_answer'],
    ['h2-goaway-to-h1', '\0\0\x08\x07\0\0\0\0\0', 'invalid_status_line', 'http2_answer'],
    ['h2-data-to-h1', '\0\0\x12\0\0\0\0\0\x01', 'invalid_status_line'],
    ['tls-alert-to-h1', '\x15\x03\x03\0\x02\x02\x46', 'invalid_status_line', 'tls_answer'],
    ['no-tls-record', '\x15\x05\x03\0\x02\x02\x46', 'invalid_status_line'],
    ['no status', 'HTTP/1.1 OK\r\n\r\n', 'invalid_status_line'],
    ['bad-chunk', response('Transfer-Encoding: chunked\r\n', 'zz\r\n'), 'bad_chunk_size'],
    ['chunk-no-crlf', response('Transfer-Encoding: chunked\r\n', '1\r\nabc'), 'bad_chunk_end'],
  ])('%s', (_name, upstream, anomaly, ...others) => {
    for (const [by, how] of [
      ['client', 'fin'],
      ['client', 'rst'],
      ['upstream', 'fin'],
    ] as const) {
      const { tap, events } = play({ client: GET, upstream }, 1_000_000);
      expect(events).toEqual([]);
      const judged = tap.causeOf(by, how)!;
      expect(judged).toMatchObject({
        cause: `h1_protocol_error:${anomaly}`,
        error: expect.stringContaining('the upstream broke HTTP/1.1'),
      });
      expect(tap.state().violation).toMatchObject({ by: 'upstream', cause: judged.cause });
      tap.end(by, how);
      tap.close({ ...judged, timedOut: false });
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({
        cause: judged.cause,
        anomalies: [anomaly, ...others],
        bytes_out: upstream.length,
      });
    }
  });

  it('bytes behind a whole response are a response nobody asked for', () => {
    const { tap, events } = play({ client: GET, upstream: `${OK}extra` }, 1_000_000);
    expect(events.map((event) => event.response.status)).toEqual([200]);
    tap.end('upstream', 'fin');
    tap.close({ ...tap.causeOf('upstream', 'fin')!, timedOut: false });
    expect(events[1]).toMatchObject({
      request: { method: null, path: null },
      anomalies: ['unsolicited_response', 'invalid_status_line'],
      cause: 'h1_protocol_error:invalid_status_line',
      bytes_out: 5,
    });
  });
});

it.each([
  ['\0\0\x12\x04\0\0\0\0\0\0', 'http2_answer'],
  ['\x15\x03\x03\0\x02\x02\x46', 'tls_answer'],
])('an answer in another protocol is known byte by byte: %j', (answer, other) => {
  const { context, events } = recordingContext();
  const tap = createH1Tap(context);
  tap.data('client', Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n\r\n'));
  for (const byte of Buffer.from(answer, 'latin1')) tap.data('upstream', Buffer.of(byte));
  tap.close({ cause: 'graceful', error: '', timedOut: false });
  expect(events.map(({ anomalies }) => anomalies)).toEqual([['invalid_status_line', other]]);
});
