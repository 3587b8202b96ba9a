import type { ClientResult } from '../../protos/control/fault-client.ts';
import type { ServerConnection } from '../run/evidence.ts';

/** What one client saw and what the server saw of its connections, without what only a connection's own ledger needs. */
export type Outcome = { client: Record<string, unknown> | null; server: Record<string, unknown>[] };

/** `compareTls`: the server's own handshakes are told too. */
export function outcomeOf(
  result: ClientResult | null,
  connections: ServerConnection[],
  compareTls: boolean,
): Outcome {
  return {
    client: result && clientOutcome(result),
    server: connections.map((connection) => serverOutcome(connection, compareTls)),
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
  const endedFirst = observations.some((said) => said.observation === 'close' && said.by === 'self');
  for (const observation of observations) {
    const { observation: word, endpoint: _e, conn: _c, remote: _r, ts: _t, ...said } = observation;
    // The line's own type, beside those of the contract.
    if ('type' in said) delete said.type;
    // Whether a FIN still left before the other side's end freed the socket is timing; who was first, and how, is compared.
    if ('fin_sent' in said) delete (said as Partial<typeof said>).fin_sent;
    if (word === 'tls' && !compareTls) continue;
    // A client may say goodbye or not to a server that has ended: it depends on whether the end came with what was before it.
    if (endedFirst && observation.observation === 'peer' && isGoodbye(observation)) continue;
    const same = words[word] ?? [];
    words[word] = same;
    same.push('headers' in said ? { ...said, headers: said.headers.map(withoutTimeLeft) } : said);
  }
  // Streams run beside each other: which of them is told first is timing too.
  for (const same of Object.values(words)) same.sort((left, right) => streamOf(left) - streamOf(right));
  return words;
}

/** GOAWAY with NO_ERROR (RFC 9113 6.8). */
function isGoodbye({ said, code }: { said: string; code: number }): boolean {
  return said === 'goaway' && code === 0;
}

/** What is left of a deadline (gRPC over HTTP/2, Timeout). */
function withoutTimeLeft([name, value]: [string, string]): [string, string] {
  return [name, name === 'grpc-timeout' ? '<time>' : value];
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

/** `target` is where the client connected to, `host` what is written in its place. */
export type Places = { target: string; host: string; sockets: string[] };

/** A text without what belongs to its moment or place. */
export function placeless(text: string, { target, host, sockets }: Places): string {
  let plain = text.replaceAll(target, host);
  for (const socket of sockets) plain = plain.replaceAll(socket, '<socket>');
  for (const [pattern, word] of momentary) plain = plain.replace(pattern, word);
  return plain;
}

const momentary: [RegExp, string][] = [
  // RFC 9110 5.6.7: what a server says of the moment it answers at.
  [/(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/g, '<date>'],
  // OpenSSL begins its errors with the number of its thread.
  [/^[0-9A-F]{8,16}:error:/, 'error:'],
  // A reset is met by whichever system call comes first.
  [/\b(?:read|write) (?=ECONNRESET|EPIPE)/, ''],
  // grpc-js tells how long each step took, and whom it called.
  [/Deadline exceeded after .*/, 'Deadline exceeded after <time>'],
];
