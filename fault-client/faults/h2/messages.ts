import { encodeData, encodeHeaders } from '../../../protos/h2/frames.ts';
import type { Fault } from '../fault.ts';
import { encoded, type Get, type GetOptions, h2Fault, join } from './h2-fault.ts';

const MALFORMED = 'a malformed request: RST_STREAM PROTOCOL_ERROR';

/** Whole frames that carry a request no server may serve (RFC 9113 8.1.1). */
export const messageFaults: Fault[] = [
  fields('h2-headers-uppercase', 'Sends a header name in upper case.', 'RFC 9113 8.2.1', {
    more: [['X-Upper', '1']],
  }),
  fields('h2-connection-header', 'Sends Connection: keep-alive.', 'RFC 9113 8.2.2', {
    more: [['connection', 'keep-alive']],
  }),
  fields('h2-te-not-trailers', 'Sends TE: gzip.', 'RFC 9113 8.2.2', { more: [['te', 'gzip']] }),
  fields('h2-missing-path', 'Sends no :path.', 'RFC 9113 8.3.1', { without: ':path' }),
  fields('h2-missing-method', 'Sends no :method.', 'RFC 9113 8.3.1', { without: ':method' }),
  fields('h2-missing-scheme', 'Sends no :scheme.', 'RFC 9113 8.3.1', { without: ':scheme' }),
  fields('h2-empty-path', 'Sends an empty :path.', 'RFC 9113 8.3.1', {
    without: ':path',
    more: [[':path', '']],
  }),
  fields('h2-dup-pseudo', 'Sends :path twice.', 'RFC 9113 8.3', { more: [[':path', '/other']] }),
  fields('h2-unknown-pseudo', 'Sends :unknown.', 'RFC 9113 8.3', { more: [[':unknown', '1']] }),
  fields('h2-status-in-request', 'Sends :status.', 'RFC 9113 8.3', { more: [[':status', '200']] }),
  fields('h2-pseudo-after-regular', 'Sends :path after a regular field.', 'RFC 9113 8.3', {
    without: ':path',
    more: [
      ['x-regular', '1'],
      [':path', '/mode/ok'],
    ],
  }),
  fields(
    'h2-connect-extended',
    'Sends CONNECT with :protocol, which the server did not allow.',
    'RFC 8441 3',
    {
      without: ':method',
      more: [
        [':method', 'CONNECT'],
        [':protocol', 'websocket'],
      ],
    },
  ),
  message('h2-pseudo-in-trailers', 'Sends a pseudo-header in trailers.', 'RFC 9113 8.1', (get) =>
    join(get(1, { body: true }), encodeHeaders(1, encoded([[':path', '/mode/ok']]), { endStream: true })),
  ),
  message('h2-second-headers-no-es', 'Sends trailers without END_STREAM.', 'RFC 9113 8.1', (get) =>
    join(get(1, { body: true }), encodeHeaders(1, encoded([['x-trailer', '1']]))),
  ),
  message('h2-content-length-mismatch', 'Announces 9 bytes and sends 3.', 'RFC 9113 8.1.1', (get) =>
    join(get(1, { body: true, more: [['content-length', '9']] }), encodeData(1, 'abc', { endStream: true })),
  ),
];

function fields(id: string, summary: string, spec: string, options: GetOptions): Fault {
  return message(id, summary, spec, (get) => get(1, options));
}

function message(id: string, summary: string, spec: string, make: (get: Get) => Buffer): Fault {
  return h2Fault(id, summary, MALFORMED, spec, { script: (get) => ({ frames: [make(get)], until: [1] }) });
}
