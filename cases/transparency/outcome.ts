import type { ClientResult } from '../../protos/control/fault-client.ts';
import type { ServerConnection } from '../run/evidence.ts';

/** What one client saw and what the server saw of its connections, without addresses and times. */
export type Outcome = { client: Record<string, unknown> | null; server: Record<string, unknown>[] };

/**
 * `target` is where the client connected to; what it writes of it reads as `host`, which is what its
 * Host and :authority say over TLS. TLS
 * handshakes of the server's leg are told only where the client's leg has them as well.
 */
export function outcomeOf(
  result: ClientResult | null,
  connections: ServerConnection[],
  target: string,
  compareTls: boolean,
  host: string,
): Outcome {
  const plain = (value: unknown) => withoutAddresses(value, { target, host, sockets: result?.sockets ?? [] });
  return {
    client: result && (plain(clientOutcome(result)) as Record<string, unknown>),
    server: connections.map(
      (connection) => plain(serverOutcome(connection, compareTls)) as Record<string, unknown>,
    ),
  };
}

function clientOutcome({ sockets, received_hex, ...result }: ClientResult) {
  return {
    ...result,
    sockets: sockets.length,
    received: received_hex === null ? null : receivedText(Buffer.from(received_hex, 'hex')),
  };
}

/** By the word of each observation, in their order: how two words interleave is timing. */
function serverOutcome({ observations }: ServerConnection, compareTls: boolean) {
  const words: Record<string, object[]> = {};
  for (const observation of observations) {
    const { observation: word, endpoint: _e, conn: _c, remote: _r, ts: _t, ...said } = observation;
    // The line's own type, beside those of the contract.
    if ('type' in said) delete said.type;
    if (word === 'tls' && !compareTls) continue;
    const same = words[word] ?? [];
    words[word] = same;
    same.push(said);
  }
  // Streams run beside each other: which of them is told first is timing too.
  for (const same of Object.values(words)) same.sort((left, right) => streamOf(left) - streamOf(right));
  return words;
}

function streamOf(said: object): number {
  return ((said as { stream_id?: number | null }).stream_id ?? 0) as number;
}

/**
 * What a client that owns its bytes received: text, or HTTP/2 frames (RFC 9113 4.1) where it begins with SETTINGS. Of field
 * blocks no more than that they came, for their Date has another length at every moment; DATA without its cuts, which follow
 * the moments its bytes came.
 */
function receivedText(bytes: Buffer): string | string[] {
  if (bytes.length < 9 || bytes[0] !== 0 || bytes.readUInt32BE(3) !== 0x04000000 || bytes[7] !== 0)
    return bytes.toString('latin1');
  const frames: string[] = [];
  let data = '';
  for (let at = 0; at < bytes.length; ) {
    const payload = at + 9;
    const end = payload + (payload <= bytes.length ? bytes.readUIntBE(at, 3) : 0);
    if (end > bytes.length || payload > bytes.length) break;
    const [type = 0, flags = 0, stream] = [bytes[at + 3], bytes[at + 4], bytes.readUInt32BE(at + 5)];
    const content = fieldBlocks.includes(type) ? '<fields>' : bytes.toString('latin1', payload, end);
    const goesOn = type === dataFrame && data === `data of ${stream}`;
    data = type === dataFrame ? `data of ${stream}` : '';
    if (goesOn) frames.push(`${frames.pop()}${content}`);
    else
      frames.push(`type ${type} ${type === dataFrame ? '' : `flags ${flags} `}stream ${stream}: ${content}`);
    at = end;
  }
  return frames;
}

const dataFrame = 0;
/** HEADERS, PUSH_PROMISE, CONTINUATION. */
const fieldBlocks = [1, 5, 9];

/** Texts of a moment or of a place, and what is written for them; addresses are replaced besides. */
const momentary: [RegExp, string][] = [
  // RFC 9110 5.6.7: what a server says of the moment it answers at.
  [/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g, '<date>'],
  // OpenSSL begins its errors with the number of its thread.
  [/^[0-9A-F]{8,16}:error:/, 'error:'],
  // A reset is met by whichever system call comes first.
  [/^(?:read|write) (?=ECONNRESET|EPIPE)/, ''],
  // grpc-js tells how long each step took, and whom it called.
  [/Deadline exceeded after .*/, 'Deadline exceeded after <time>'],
];

type Places = { target: string; host: string; sockets: string[] };

function withoutAddresses(value: unknown, places: Places): unknown {
  if (typeof value === 'string') {
    let text = value.replaceAll(places.target, places.host);
    for (const socket of places.sockets) text = text.replaceAll(socket, '<socket>');
    for (const [pattern, word] of momentary) text = text.replace(pattern, word);
    return text;
  }
  if (Array.isArray(value)) {
    // A field whose value is the time that is left (gRPC over HTTP/2, Timeout).
    if (value[0] === 'grpc-timeout' && value.length === 2) return ['grpc-timeout', '<time>'];
    return value.map((item) => withoutAddresses(item, places));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutAddresses(item, places)]),
  );
}
