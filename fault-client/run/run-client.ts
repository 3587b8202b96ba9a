import type { ClientResult, ClientSpec } from '../../protos/control/fault-client.ts';
import { runFault } from '../faults/run-fault.ts';
import { runGrpc } from '../grpc/run-grpc.ts';
import { runH1 } from '../h1/run-h1.ts';
import { runH2 } from '../h2/run-h2.ts';
import { Run, type RunHooks } from './run.ts';
import { inPhase, RunError } from './run-error.ts';

export const defaultTimeoutMs = 30_000;

/** Do what the spec says once. Never throws: whatever happens is in the result. */
export async function runClient(
  spec: ClientSpec,
  hooks: RunHooks,
  cancelled?: AbortSignal,
): Promise<ClientResult> {
  const started = performance.now();
  const run = new Run(hooks);
  const elapsedMs = (): number => performance.now() - started;
  const givenUp = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => givenUp.reject(new RunError(run.phase, 'TIMEOUT', `given up in phase ${run.phase}`)),
    spec.timeoutMs ?? defaultTimeoutMs,
  );
  const cancel = (): void => givenUp.reject(new RunError(run.phase, 'CANCELLED', 'cancelled'));
  cancelled?.addEventListener('abort', cancel);
  try {
    await Promise.race([perform(spec, run), givenUp.promise]);
    const failed = failureIn(run);
    return run.result(failed ? 'error' : 'ok', failed, elapsedMs());
  } catch (error) {
    const failure = inPhase(run.phase, error);
    const late = failure.phase === 'tls' ? null : run.lateTlsError;
    return run.result(failure.code === 'TIMEOUT' ? 'timeout' : 'error', late ?? failure, elapsedMs());
  } finally {
    clearTimeout(timer);
    cancelled?.removeEventListener('abort', cancel);
    run.destroy();
  }
}

async function perform(spec: ClientSpec, run: Run): Promise<void> {
  switch (spec.proto) {
    case 'h1':
      return runH1(spec, run);
    case 'h2':
      return runH2(spec, run);
    case 'grpc':
    case 'grpc_native':
      return runGrpc(spec, run);
    case 'raw':
      return runFault(spec, run, perform);
  }
}

/** The first exchange that failed fails the run. */
function failureIn(run: Run): RunError | null {
  const failed = run.exchanges.find((exchange) => exchange.error !== null)?.error;
  if (!failed) return null;
  return run.lateTlsError ?? new RunError('response', failed.code, failed.message);
}
