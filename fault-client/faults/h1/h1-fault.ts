import type { TObject, TSchema } from 'typebox';
import { Type } from '../../../protos/schema/type.ts';
import { type Fault, fault } from '../fault.ts';
import { openApplication } from '../open.ts';
import { params, plaintext } from '../params.ts';
import { converse, type Script } from './converse.ts';

export type Params = { path: string; plaintext: boolean; [extra: string]: unknown };

/** `pieces` in place of `bytes` where segments matter. */
export type H1Script = Omit<Script, 'pieces'> & ({ bytes: string } | { pieces: (string | Buffer)[] });

export const host = 'Host: localhost\r\n';

export const post = (path: string, headers: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\n${host}${headers}\r\n${body}`;

/** Declares a fault of HTTP/1.1 bytes, text in latin1, and a way to end. */
export function h1(
  id: string,
  summary: string,
  peerMustSee: string,
  spec: string | null,
  how: { extra?: Record<string, TSchema>; path?: string; script: (given: Params) => H1Script },
): Fault {
  const path = Type.String({ default: how.path ?? '/mode/ok', description: 'Request path.' });
  const schema: TObject = params({ path, plaintext, ...how.extra });
  return fault({
    id,
    layer: 'h1',
    summary,
    params: schema,
    peerMustSee,
    spec,
    run: async (client, run, given) => {
      const wanted = given as unknown as Params;
      const connection = await openApplication(client, run, {
        alpn: 'http/1.1',
        plaintext: wanted.plaintext,
      });
      const script = how.script({ ...wanted, path: client.request?.path ?? wanted.path });
      const pieces = ('bytes' in script ? [script.bytes] : script.pieces).map((piece) =>
        typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece,
      );
      await converse(run, connection, { ...script, pieces });
    },
  });
}
