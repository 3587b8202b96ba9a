import type { Static, TObject } from 'typebox';
import type { ClientSpec } from '../../../protos/control/fault-client.ts';
import type { Connection } from '../../connect/connection.ts';
import { hexBytes } from '../../connect/proxy-header.ts';
import { writePieces } from '../../connect/write-pieces.ts';
import { h1Session } from '../../h1/h1-session.ts';
import { hostOf } from '../../h1/host.ts';
import { finishConnection } from '../../modes/finish-connection.ts';
import type { Run } from '../../run/run.ts';
import { inPhase, messageOf, RunError } from '../../run/run-error.ts';
import { type Fault, fault } from '../fault.ts';
import { endBy, keep, openRaw, upgrade } from '../open.ts';
import { params, plaintext } from '../params.ts';

/** One PROXY header as bytes, and what the client does after it. */
export type Vector = {
  id: string;
  /** `text` is latin1; the last part of a v2 header may be given as hex. */
  bytes: { text: string } | { hex: string };
  /** `request` goes on with TLS and a GET, so that acceptance shows; `wait` says nothing more until the peer ends. */
  after: 'request' | 'wait' | 'fin';
  /** Each byte its own segment. */
  bytewise?: boolean;
  summary: string;
  peerMustSee: string;
};

const proxyDocument = 'haproxy doc/proxy-protocol.txt';

/** One generic runner: the vectors differ in bytes alone. */
export function vectorFault(vector: Vector, section: string): Fault {
  const bytes =
    'hex' in vector.bytes ? hexBytes(vector.bytes.hex, vector.id) : Buffer.from(vector.bytes.text, 'latin1');
  return proxyFault({
    id: vector.id,
    summary: vector.summary,
    params: params({ plaintext }),
    peerMustSee: vector.peerMustSee,
    section,
    run: (client, run, { plaintext }) =>
      sendVector(client, run, { bytes, after: vector.after, bytewise: vector.bytewise, plaintext }),
  });
}

type Declared<P extends TObject> = {
  id: string;
  summary: string;
  peerMustSee: string;
  /** Of the PROXY protocol's document. */
  section: string;
  params: P;
  run(client: ClientSpec, run: Run, params: Static<P>): Promise<void>;
};

export function proxyFault<P extends TObject>({ section, ...declared }: Declared<P>): Fault {
  return fault({ ...declared, layer: 'proxy', spec: `${proxyDocument} ${section}` });
}

type Sent = { bytes: Buffer; after: Vector['after']; bytewise?: boolean; plaintext: boolean };

/** Sends the bytes in place of a header, and then what `after` says. */
export async function sendVector(client: ClientSpec, run: Run, sent: Sent): Promise<void> {
  const connection = await openRaw({ ...client, proxyHeader: undefined }, run);
  run.phase = 'proxy_header';
  const pieces = sent.bytewise ? [...sent.bytes].map((byte) => Buffer.of(byte)) : [sent.bytes];
  try {
    await writePieces(connection.raw, pieces);
  } catch (error) {
    // A peer that refuses early is what most of these are for; its end says so.
    if (sent.after === 'request') throw inPhase('proxy_header', error);
    run.notes.push(`the peer ended while the header was being sent: ${messageOf(error)}`);
  }
  if (sent.after === 'request') return request(client, run, connection, sent.plaintext);
  keep(connection, run);
  if (sent.after === 'fin') await endBy(connection, 'fin');
  await connection.end.peerEnded;
}

/** TLS and one GET: the peer either serves it, or has refused the header. */
export async function request(
  client: ClientSpec,
  run: Run,
  opened: Connection,
  plaintext: boolean,
): Promise<void> {
  const connection = plaintext ? opened : await upgrade(opened, client, run);
  const session = h1Session(connection.stream, hostOf({ ...client, tls: plaintext ? undefined : {} }));
  const exchange = run.exchange();
  run.phase = 'response';
  await session.start(client.request ?? {}, exchange).answered;
  if (exchange.error) throw new RunError('response', exchange.error.code, exchange.error.message);
  await finishConnection(run, connection, session);
}
