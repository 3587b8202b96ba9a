import type { ClientSpec } from '../../../protos/control/fault-client.ts';
import { clientPreface } from '../../../protos/h2/constants.ts';
import { encodeSettings } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import type { Connection } from '../../connect/connection.ts';
import { writeAll } from '../../connect/write-pieces.ts';
import { waitForEnd } from '../../modes/finish-connection.ts';
import type { Run } from '../../run/run.ts';
import { fault } from '../fault.ts';
import { openApplication, openRaw } from '../open.ts';
import { params } from '../params.ts';
import { capturedHello } from '../tls/captured-hello.ts';

/** How far every connection of the crowd goes before it falls silent. */
const stages = [
  'connected',
  'half_proxy_v1',
  'half_proxy_v2',
  'half_hello',
  'half_open',
  'tls',
  'half_h1_head',
  'h2_preface',
] as const;
type Stage = (typeof stages)[number];

export const crowd = fault({
  id: 'tcp-crowd',
  layer: 'tcp',
  summary: 'Opens many connections that all fall silent at the same place, and holds them.',
  params: params({
    n: Type.Integer({ minimum: 1, maximum: 20_000, default: 100, description: 'Connections.' }),
    stage: Type.Enum([...stages], {
      default: 'connected',
      description: 'How far each goes; half_open has sent its whole ClientHello and answers nothing.',
    }),
    at_once: Type.Integer({
      minimum: 1,
      maximum: 20_000,
      default: 64,
      description: 'So many are opened at once.',
    }),
    until: Type.Enum(['told', 'peer_end'], {
      default: 'told',
      description: 'Hold them until the run is told to finish (or hold_ms), or until the peer ends each.',
    }),
    hold_ms: Type.Integer({
      minimum: 0,
      maximum: 86_400_000,
      default: 1000,
      description: 'Held that long at most, milliseconds.',
    }),
  }),
  peerMustSee: 'idle connections, each for a bounded price and until its own deadline; others are served',
  spec: null,
  run: async (client, run, { n, stage, at_once, until, hold_ms }) => {
    const hello = stage === 'half_hello' || stage === 'half_open' ? await capturedHello(client, run) : null;
    const opened: Connection[] = [];
    let left = n;
    const opener = async (): Promise<void> => {
      while (left-- > 0) opened.push(await open(stage, client, run, hello));
    };
    await Promise.all(Array.from({ length: Math.min(n, at_once) }, opener));
    if (until === 'told') await run.hold(hold_ms);
    else await Promise.all(opened.map(({ end }) => end.peerEnded));
    const byPeer = opened.filter(({ end }) => end.peerEnd !== null).length;
    run.notes.push(`${byPeer} of ${n} connections were ended by the peer`);
    run.phase = 'close';
    await Promise.all(opened.map(leave));
  },
});

async function open(stage: Stage, client: ClientSpec, run: Run, hello: Buffer | null): Promise<Connection> {
  const overTls = stage === 'tls' || stage === 'half_h1_head' || stage === 'h2_preface';
  const connection = overTls
    ? await openApplication(client, run, {
        alpn: stage === 'h2_preface' ? 'h2' : 'http/1.1',
        plaintext: false,
      })
    : await openRaw(client, run);
  connection.stream.resume();
  const said = bytesOf(stage, hello);
  // A peer that has ended already is seen at its end.
  if (said !== null) await writeAll(connection.stream, said).catch(() => undefined);
  return connection;
}

function bytesOf(stage: Stage, hello: Buffer | null): Buffer | null {
  switch (stage) {
    case 'half_proxy_v1':
      return Buffer.from('PROXY TCP4 203.0.113.10 192.0');
    case 'half_proxy_v2':
      return Buffer.from('0d0a0d0a000d0a515549540a2111000ccb00', 'hex');
    case 'half_hello':
      return hello!.subarray(0, hello!.length >> 1);
    case 'half_open':
      return hello;
    case 'half_h1_head':
      return Buffer.from('GET /mode/ok HTTP/1.1\r\nHost: localhost\r\nX-Slow: ');
    case 'h2_preface':
      return Buffer.concat([clientPreface, encodeSettings()]);
    case 'connected':
    case 'tls':
      return null;
  }
}

const graceMs = 5000;

async function leave({ raw, stream, end }: Connection): Promise<void> {
  end.self();
  stream.end();
  await waitForEnd(end, graceMs);
  raw.destroy();
}
