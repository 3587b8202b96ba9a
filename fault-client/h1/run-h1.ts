import type { ClientSpec } from '../../protos/control/fault-client.ts';
import { openConnection } from '../connect/connection.ts';
import { runMode } from '../modes/run-mode.ts';
import type { Run } from '../run/run.ts';
import { h1Session } from './h1-session.ts';
import { hostOf } from './host.ts';
import { pipelineSession } from './pipeline-session.ts';

export async function runH1(spec: ClientSpec, run: Run): Promise<void> {
  const connection = await openConnection(spec, run);
  const open = (spec.concurrency ?? 1) > 1 ? pipelineSession : h1Session;
  await runMode(spec, run, connection, open(connection.stream, hostOf(spec)));
}
