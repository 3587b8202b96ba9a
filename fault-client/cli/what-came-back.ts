import type { ClientResult } from '../../protos/control/fault-client.ts';
import { errorCodeName, frameTypeName, frameTypes } from '../../protos/h2/constants.ts';
import { FrameReader } from '../../protos/h2/frame-reader.ts';
import { HpackDecoder } from '../../protos/hpack/decoder.ts';
import { alertName } from '../../protos/tls/alerts.ts';
import { receivedAlert } from '../../protos/tls/openssl-errors.ts';

/** What the peer did, in words, from what was seen: its alert, its answers, its frames, its end of TCP. */
export function whatThePeerDid(result: ClientResult): string[] {
  const bytes = Buffer.from(result.received_hex ?? '', 'hex');
  const words = [...alertsOf(result, bytes), ...answersOf(result), ...inBytes(result, bytes)];
  const { goaway, peer_end, by } = result.close;
  if (goaway) {
    const debug = goaway.debug === '' ? '' : ` "${printable(goaway.debug)}"`;
    words.push(`sent GOAWAY ${goaway.code} ${errorCodeName(goaway.code)}${debug}`);
  }
  const bytesIn = result.received_bytes;
  if (result.sockets.length > 0 && words.length === 0)
    words.push(bytesIn === 0 ? 'sent no byte' : `sent ${bytesIn} bytes`);
  const own = by === 'self' ? ' after this side had ended' : '';
  if (peer_end === 'fin') words.push(`sent FIN${own}`);
  else if (peer_end === 'rst') words.push(`reset TCP${own}`);
  else if (result.sockets.length > 0 && by !== 'self') words.push('did not end the connection');
  return [...new Set(words)];
}

/** Its alert, from the error of this side's TLS, from the forge's notes, or as it stands in plaintext. */
function alertsOf({ error, notes }: ClientResult, bytes: Buffer): string[] {
  const noted = [error?.code ?? '', ...notes].map((text) => /(?:^ALERT_|\balert )(\d+)/.exec(text)?.[1]);
  const codes = [receivedAlert(error?.code), plainAlert(bytes), ...noted.map((code) => code && Number(code))];
  const known = codes.filter((code): code is number => typeof code === 'number');
  return [...new Set(known)].map((code) =>
    code === 0 ? 'sent close_notify' : `sent alert ${code} ${alertName(code)}`,
  );
}

/** RFC 8446 5.1 and 6: a record of type 21 with two bytes. */
function plainAlert(bytes: Buffer): number | null {
  const is = bytes.length >= 7 && bytes[0] === 21 && bytes[1] === 3 && bytes.readUInt16BE(3) === 2;
  return is ? bytes[6]! : null;
}

function answersOf({ exchanges }: ClientResult): string[] {
  const each = exchanges.map((one) => {
    const status =
      one.grpc_status !== null
        ? `grpc-status ${one.grpc_status}`
        : one.status !== null
          ? `${one.status}`
          : null;
    if (one.rst_code !== null) return `reset the stream with ${one.rst_code} ${errorCodeName(one.rst_code)}`;
    if (status === null) return 'gave no answer';
    return `answered ${status}${one.complete ? '' : ', cut'}`;
  });
  return counted(each);
}

/** Answers in the bytes that a raw fault got back. */
function inBytes({ exchanges }: ClientResult, bytes: Buffer): string[] {
  if (exchanges.length > 0 || bytes.length === 0) return [];
  const text = bytes.toString('latin1');
  if (text.startsWith('HTTP/1.')) {
    const lines = [...text.matchAll(/(?:^|\n)HTTP\/1\.\d (\d{3})/g)].map(
      ([, status]) => `answered ${status}`,
    );
    return counted(lines);
  }
  const isH2 = bytes.length >= 9 && bytes[3] === frameTypes.SETTINGS && bytes.readUInt32BE(5) === 0;
  return isH2 ? inFrames(bytes) : [];
}

/** What every HTTP/2 peer sends, and GOAWAY, which is told with its code. */
const usual = new Set<number>([
  frameTypes.SETTINGS,
  frameTypes.WINDOW_UPDATE,
  frameTypes.PING,
  frameTypes.DATA,
  frameTypes.GOAWAY,
]);

function inFrames(bytes: Buffer): string[] {
  const decoder = new HpackDecoder();
  const words: string[] = [];
  for (const frame of new FrameReader().push(bytes)) {
    if (frame.type === frameTypes.HEADERS) {
      const { fields } = decoder.decode(frame.payload);
      const status = fields.find(([name]) => name === ':status')?.[1];
      if (status !== undefined) words.push(`answered ${printable(status)}`);
    } else if (frame.type === frameTypes.RST_STREAM && frame.payload.length === 4) {
      const code = frame.payload.readUInt32BE(0);
      words.push(`reset the stream with ${code} ${errorCodeName(code)}`);
    } else if (!usual.has(frame.type)) {
      words.push(`sent ${frameTypeName(frame.type)}`);
    }
  }
  return counted(words);
}

/** Equal words once, with their number. */
function counted(words: string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => (count === 1 ? word : `${word} (${count} times)`));
}

/** A peer's text must not steer the terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
