import type { ClientSpec } from '../../protos/control/fault-client.ts';
import { openConnection } from '../connect/connection.ts';
import { runMode } from '../modes/run-mode.ts';
import type { Run } from '../run/run.ts';
import { RunError } from '../run/run-error.ts';
import { h2Session } from './h2-session.ts';

export async function runH2(spec: ClientSpec, run: Run): Promise<void> {
  const connection = await openConnection(spec, run);
  requireH2(spec, run);
  await runMode(spec, run, connection, h2Session(spec, run, connection));
}

/** An h2 client that was not given h2 by ALPN has nobody to speak to (RFC 9113 3.2). */
export function requireH2(spec: ClientSpec, run: Run): void {
  if (!spec.tls || run.tls?.alpn === 'h2') return;
  if (spec.tls.alpn && !spec.tls.alpn.includes('h2')) return;
  throw new RunError(
    'tls',
    'ALPN_MISMATCH',
    `the server chose ${run.tls?.alpn ?? 'no protocol'} instead of h2`,
  );
}
