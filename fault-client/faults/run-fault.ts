import type { ClientSpec } from '../../protos/control/fault-client.ts';
import { choosesConnection } from '../../protos/control/fault-limits.ts';
import type { Run } from '../run/run.ts';
import type { Fault } from './fault.ts';
import { faultParams } from './params.ts';
import { findFault } from './registry.ts';

/**
 * The connections of a run with a fault, one after the other: a chosen one meets the fault, another makes one good request
 * by `perform`. A failure does not keep the next from being opened; the first is thrown at the end.
 */
export async function runFault(
  spec: ClientSpec,
  run: Run,
  perform: (spec: ClientSpec, run: Run) => Promise<void>,
): Promise<void> {
  const fault = findFault(spec.fault?.id ?? '');
  const params = faultParams(fault, spec.fault?.params);
  const connections = spec.connections ?? 1;
  const failures: unknown[] = [];
  for (let n = 1; n <= connections; n++) {
    run.phase = 'connect';
    try {
      if (choosesConnection(spec.fault?.only ?? {}, n)) await fault.run(spec, run, params);
      else await perform(sparedSpec(spec, fault), run);
    } catch (error) {
      failures.push(error);
      if (connections > 1) run.notes.push(`connection ${n}: ${(error as Error).message}`);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** One good request in place of the fault, in the protocol it is about. */
export function sparedSpec({ fault: spared, connections: _, ...spec }: ClientSpec, fault: Fault): ClientSpec {
  const plain = faultParams(fault, spared?.params).plaintext === true;
  const proto = fault.layer === 'h2' || fault.layer === 'grpc' ? fault.layer : 'h1';
  const call = proto === 'grpc' ? { grpc: { call: 'say_hello', ...spec.grpc } } : {};
  return { ...spec, ...call, proto, tls: plain ? undefined : (spec.tls ?? {}) };
}
