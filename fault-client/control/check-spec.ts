import { isIP } from 'node:net';
import type { ClientSpec } from '../../protos/control/fault-client.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { parseTarget } from '../connect/open-socket.ts';
import { proxyHeaderBytes } from '../connect/proxy-header.ts';
import { faultLimits, faultParams } from '../faults/params.ts';
import { findFault } from '../faults/registry.ts';
import { grpcCalls } from '../grpc/calls/registry.ts';
import { isShaped } from '../shaping/shape-connection.ts';

const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export const protos = ['h1', 'h2', 'grpc', 'grpc_native', 'raw'] as const;
export const modes = ['ok', 'chat', 'client_close_early', 'client_rst', 'client_half_close', 'idle'] as const;

/** Refuse by throwing what could never run, before anything is run. */
export function checkSpec(spec: unknown, certificates: Certificates): ClientSpec {
  if (typeof spec !== 'object' || spec === null) throw new Error('spec is missing');
  const given = spec as ClientSpec;
  parseTarget(String(given.target));
  if (given.bind !== undefined && isIP(given.bind) === 0)
    throw new Error(`bind ${given.bind} is no IP address; write one of this machine, such as 127.0.0.2`);
  oneOf('proto', given.proto, protos);
  if (given.mode !== undefined) oneOf('mode', given.mode, modes);
  for (const key of ['cycles', 'concurrency', 'connections', 'timeoutMs'] as const) positive(key, given[key]);
  for (const key of ['minVersion', 'maxVersion'] as const)
    if (given.tls?.[key] !== undefined) oneOf(`TLS ${key}`, given.tls[key], tlsVersions);
  if (given.tls?.cert !== undefined) certificates.get(given.tls.cert);
  if (given.tls) certificates.get(given.tls.ca ?? 'ca');
  if (given.measure && given.mode !== 'chat') throw new Error('measure goes with mode chat');
  if (given.proto === 'raw' && !given.fault) throw new Error('proto raw needs a fault');
  if (given.connections !== undefined && given.proto !== 'raw')
    throw new Error(
      'connections goes with a fault; for requests one after the other write mode chat and cycles',
    );
  if (given.fault) {
    if (typeof given.fault.id !== 'string')
      throw new Error('a fault has an id; write {"id": "tls-http-to-tls"}, and perhaps params and only');
    if (given.proto !== 'raw' && !isShaped(given))
      throw new Error('a fault owns the bytes: it needs proto raw');
    if (given.proto === 'grpc_native' && given.fault.params?.at === 'app')
      throw new Error('grpc-js does its own TLS: a shape can be put below it alone, at=wire');
    faultParams(findFault(given.fault.id), given.fault.params);
    faultLimits(findFault(given.fault.id), given.fault.only);
  }
  if (given.grpc) oneOf('grpc.call', given.grpc.call, Object.keys(grpcCalls));
  if (given.proxyHeader) proxyHeaderBytes(given.proxyHeader);
  return given;
}

function oneOf(what: string, value: unknown, allowed: readonly string[]): void {
  if (!allowed.includes(value as string))
    throw new Error(`${what} ${JSON.stringify(value)} is none of: ${allowed.join(', ')}`);
}

function positive(what: string, value: unknown): void {
  if (value === undefined) return;
  if (!Number.isSafeInteger(value) || (value as number) < 1)
    throw new Error(`${what} must be a whole number above 0`);
}
