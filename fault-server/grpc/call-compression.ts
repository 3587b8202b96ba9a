import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { gzipSync } from 'node:zlib';
import type { Metadata } from '@grpc/grpc-js';

/**
 * What the compressed interoperability calls ask about one call. The server of grpc-js neither says whether a message came
 * compressed nor compresses its own, so both are done on the HTTP/2 stream below it.
 */
export type CallCompression = {
  /** For each message received, oldest first, whether its compressed flag was set; taken by who reads the message. */
  received: boolean[];
  /** For each message to send, oldest first, whether it is to be compressed with gzip. */
  send: boolean[];
};

/** Marks a call so that its handler finds its stream; never on the wire. */
const KEY = 'fault-server-call';
const calls = new Map<string, CallCompression>();
let lastKey = 0;

/** Prepares a stream before grpc-js sees it; `headers` is what grpc-js will read the call's metadata from. */
export function prepareCompression(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): CallCompression {
  const compression: CallCompression = { received: [], send: [] };
  const key = String(++lastKey);
  headers[KEY] = key;
  calls.set(key, compression);
  stream.once('close', () => calls.delete(key));
  const respond = stream.respond.bind(stream);
  stream.respond = (given, options) => {
    const fields = given as OutgoingHttpHeaders;
    respond(compression.send.includes(true) ? { ...fields, 'grpc-encoding': 'gzip' } : fields, options);
  };
  return compression;
}

/** The compression of the call with this metadata. */
export function compressionOf(metadata: Metadata): CallCompression {
  return calls.get(String(metadata.get(KEY)[0])) ?? { received: [], send: [] };
}

/** The framed message as it is to be sent: compressed when its turn asks for it. */
export function compressInTurn(compression: CallCompression, framed: Buffer): Buffer {
  if (!compression.send.shift()) return framed;
  const packed = gzipSync(framed.subarray(5));
  const prefix = Buffer.from([1, 0, 0, 0, 0]);
  prefix.writeUInt32BE(packed.length, 1);
  return Buffer.concat([prefix, packed]);
}
