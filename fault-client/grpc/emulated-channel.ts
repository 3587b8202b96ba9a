import type { ClientSpec } from '../../protos/control/fault-client.ts';
import { type Connection, openConnection } from '../connect/connection.ts';
import { hostOf } from '../h1/host.ts';
import { requireH2 } from '../h2/run-h2.ts';
import { finishConnection } from '../modes/finish-connection.ts';
import type { Run } from '../run/run.ts';
import type { Channel } from './channel.ts';
import { emulatedCall } from './emulated-call.ts';
import { H2Client } from './h2-client.ts';

export type EmulatedChannel = Channel & {
  connection: () => Connection;
};

/** A channel with one connection at a time, as a real client has. */
export async function emulatedChannel(spec: ClientSpec, run: Run): Promise<EmulatedChannel> {
  let open = await connect(spec, run);
  const target = { scheme: spec.tls ? 'https' : 'http', authority: hostOf(spec) };
  return {
    seesCompression: true,
    connection: () => open.connection,
    ready: async () => {
      if (!open.client.over) return;
      open.connection.end.self();
      open.connection.stream.end();
      open = await connect(spec, run);
    },
    goaway: (limitMs) => open.client.waitForGoaway(limitMs),
    call: (method, options) => emulatedCall(open.client, method, options, target),
    close: () => finishConnection(run, open.connection, open.client),
  };
}

async function connect(spec: ClientSpec, run: Run): Promise<{ connection: Connection; client: H2Client }> {
  const connection = await openConnection(spec, run);
  requireH2(spec, run);
  const client = new H2Client(connection.stream, (goaway) => {
    run.goaway = goaway;
  });
  return { connection, client };
}
