import type { ClientSpec } from '../../protos/control/fault-client.ts';
import { openConnection } from '../connect/connection.ts';
import { runMode } from '../modes/run-mode.ts';
import type { Run } from '../run/run.ts';
import { h1Session } from './h1-session.ts';
import { hostOf } from './host.ts';

export async function runH1(spec: ClientSpec, run: Run): Promise<void> {
  const connection = await openConnection(spec, run);
  await runMode(spec, run, connection, h1Session(connection.stream, hostOf(spec)));
}
