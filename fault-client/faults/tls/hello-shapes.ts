import { Type } from '../../../protos/schema/type.ts';
import { runForge } from '../../tls-forge/run-forge.ts';
import { type Fault, fault } from '../fault.ts';
import { openRaw } from '../open.ts';
import { noParams, params } from '../params.ts';
import { request } from '../proxy/vector.ts';
import { refragmented, secureReshaped } from './reshaped-hello.ts';

const served = 'a valid ClientHello: it is fingerprinted and served like any other';

export const helloBytewise = reshaped(
  'tls-hello-bytewise',
  'Each byte of the ClientHello its own segment.',
  (hello) => [...hello].map((byte) => Buffer.of(byte)),
);

export const helloRecords = fault({
  id: 'tls-hello-records',
  layer: 'tls',
  summary: 'Spreads the ClientHello over many TLS records.',
  params: params({
    bytes: Type.Integer({ minimum: 1, default: 16, description: 'Handshake bytes per record.' }),
  }),
  peerMustSee: served,
  spec: 'RFC 8446 5.1',
  run: async (client, run, { bytes }) => {
    const opened = await openRaw(client, run);
    const connection = await secureReshaped(opened, client, run, (hello) => [
      Buffer.concat(refragmented(hello, bytes)),
    ]);
    await request(client, run, connection, true);
  },
});

export const helloPadded = fault({
  id: 'tls-hello-padded',
  layer: 'tls',
  summary: 'Makes the ClientHello large by the padding extension.',
  params: params({
    bytes: Type.Integer({ minimum: 0, maximum: 16_000, default: 4_096, description: 'Padding.' }),
  }),
  peerMustSee: served,
  spec: 'RFC 7685',
  run: (client, run, { bytes }) =>
    runForge(client, run, { version: 'TLSv1.3', hello: { paddingBytes: bytes } }),
});

function reshaped(id: string, summary: string, reshape: (hello: Buffer) => Buffer[]): Fault {
  return fault({
    id,
    layer: 'tls',
    summary,
    params: noParams,
    peerMustSee: served,
    spec: 'RFC 8446 5.1',
    run: async (client, run) => {
      const connection = await secureReshaped(await openRaw(client, run), client, run, reshape);
      await request(client, run, connection, true);
    },
  });
}
