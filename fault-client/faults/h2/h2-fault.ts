import type { TInteger, TSchema } from 'typebox';
import { clientPreface } from '../../../protos/h2/constants.ts';
import { encodeHeaders, encodeSettings } from '../../../protos/h2/frames.ts';
import { type EncodedField, HpackEncoder } from '../../../protos/hpack/encoder.ts';
import { Type } from '../../../protos/schema/type.ts';
import { type Fault, fault } from '../fault.ts';
import { openApplication } from '../open.ts';
import { params, plaintext } from '../params.ts';
import { converse, type H2Script } from './converse.ts';

export type GetOptions = {
  /** A body is to follow: POST without END_STREAM. */
  body?: boolean;
  endHeaders?: boolean;
  more?: [string, string][];
  without?: string;
  priority?: boolean;
  /** Another path than the fault's. */
  path?: string;
};

/** HEADERS of a request on this stream. */
export type Get = (streamId: number, options?: GetOptions) => Buffer;

/** A script without the preface and SETTINGS that open the connection. */
export type FramesScript = Omit<H2Script, 'opening' | 'pieces'> & { frames: Buffer[] };

/** Declares a fault of frames by hand over TLS; each says what ends the wait for the peer. */
export function h2Fault(
  id: string,
  summary: string,
  peerMustSee: string,
  spec: string,
  how: {
    extra?: Record<string, TSchema>;
    /** The default request path. */
    path?: string;
    /** In place of the preface and an empty SETTINGS frame. */
    preface?: (given: Given) => Buffer[];
    script: (get: Get, given: Given) => FramesScript;
  },
): Fault {
  const path = Type.String({ default: how.path ?? '/mode/ok', description: 'Request path.' });
  return fault({
    id,
    layer: 'h2',
    summary,
    params: params({ path, plaintext, ...how.extra }),
    peerMustSee,
    spec,
    run: async (client, run, given) => {
      const wanted = given as { path: string; plaintext: boolean };
      const connection = await openApplication(client, run, { alpn: 'h2', plaintext: wanted.plaintext });
      const get = requests(client.request?.path ?? wanted.path, wanted.plaintext ? 'http' : 'https');
      const { frames, ...rest } = how.script(get, given);
      const opening = how.preface?.(given) ?? [join(clientPreface, encodeSettings())];
      await converse(run, connection, { opening, pieces: frames, ...rest });
    },
  });
}

/** The parameters of a run, checked against the schema. */
export type Given = Record<string, unknown>;

export const count = (fallback: number): TInteger =>
  Type.Integer({ minimum: 1, maximum: 1_000_000, default: fallback, description: 'How many.' });
export const code = (fallback: number): TInteger =>
  Type.Integer({ minimum: 0, maximum: 0xffffffff, default: fallback, description: 'Error code.' });

/** A header block of literals, which leaves the peer's dynamic table as it is. */
export function encoded(fields: [string, string][]): Buffer {
  const literal = fields.map(([name, value]): EncodedField => ({ name, value, indexing: 'without' }));
  return new HpackEncoder().encode(literal);
}

export function join(...parts: Uint8Array[]): Buffer {
  return Buffer.concat(parts);
}

export function number(value: unknown): number {
  return value as number;
}

export function times<T>(n: unknown, make: (index: number) => T): T[] {
  return Array.from({ length: number(n) }, (_, index) => make(index));
}

/** Header blocks without the dynamic table, so that any of them can be left out or broken alone. */
function requests(path: string, scheme: string): Get {
  return (streamId, options = {}) => {
    const { body = false, endHeaders = true, more = [], without, priority = false } = options;
    const fields: [string, string][] = [
      [':method', body ? 'POST' : 'GET'],
      [':scheme', scheme],
      [':authority', 'localhost'],
      [':path', options.path ?? path],
    ];
    const block = encoded([...fields.filter(([name]) => name !== without), ...more]);
    return encodeHeaders(streamId, block, {
      endStream: !body,
      endHeaders,
      priority: priority ? { exclusive: false, dependsOn: 0, weight: 16 } : undefined,
    });
  };
}
