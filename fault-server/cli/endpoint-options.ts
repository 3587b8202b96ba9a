import { InvalidArgumentError, Option } from 'commander';
import { divideParameters } from '../../protos/control/fault-limits.ts';
import type { EndpointSpec } from '../../protos/control/fault-server.ts';

import { faultLimits, faultParams } from '../faults/params.ts';
import { findFault } from '../faults/registry.ts';

type FaultOption = { id: string; given: Record<string, string> };

export type EndpointOptions = {
  plain?: number[];
  h2c?: number[];
  tls?: number[];
  mtls?: number[];
  grpc?: number[];
  grpcTls?: number[];
  fault?: FaultOption[];
  port?: number[];
  withTls?: boolean;
  withoutTls?: boolean;
  host: string;
  cert: string;
};

/** An option that takes a port and may be repeated. */
export function portOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string, before: number[] | undefined) => {
    const port = Number(text);
    if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('a port is 0 to 65535.');
    return [...(before ?? []), port];
  });
}

/** Reads `id,name=value,name=value`; may be repeated. */
export function faultCollector(text: string, before: FaultOption[] | undefined): FaultOption[] {
  const [id = '', ...pairs] = text.split(',');
  const given: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1)
      throw new InvalidArgumentError(`"${pair}" is no name=value; write ${id},name=value,name=value.`);
    given[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return [...(before ?? []), { id, given }];
}

/** The endpoints that a command line asks for, named by their kind, numbered from the second of a kind on. */
export function endpointsOf(options: EndpointOptions): EndpointSpec[] {
  const { host, cert } = options;
  const faults = options.fault ?? [];
  if ((options.port?.length ?? 0) > faults.length)
    throw new Error('--port goes with a --fault; for a healthy server write --tls PORT or --plain PORT');
  if (options.withTls && options.withoutTls)
    throw new Error('--with-tls and --without-tls exclude each other; write neither for both');
  return [
    ...numbered('plain', options.plain, (port) => ({ kind: 'http', host, port })),
    ...numbered('h2c', options.h2c, (port) => ({ kind: 'http', host, port })),
    ...numbered('tls', options.tls, (port) => ({ kind: 'http', host, port, tls: { cert } })),
    ...numbered('mtls', options.mtls, (port) => ({
      kind: 'http',
      host,
      port,
      tls: { cert, clientCert: 'require' },
    })),
    ...numbered('grpc', options.grpc, (port) => ({ kind: 'grpc', host, port })),
    ...numbered('grpc-tls', options.grpcTls, (port) => ({ kind: 'grpc', host, port, tls: { cert } })),
    ...faults.map(
      (fault, index): EndpointSpec => ({
        name: faults.findIndex(({ id }) => id === fault.id) === index ? fault.id : `${fault.id}-${index + 1}`,
        kind: 'raw',
        host,
        port: options.port?.[index] ?? 0,
        fault: faultSpec(fault),
        tls: options.withoutTls ? undefined : { cert, optional: !options.withTls && !isOverTls(fault.id) },
      }),
    ),
  ];
}

function faultSpec({ id, given }: FaultOption): NonNullable<EndpointSpec['fault']> {
  const fault = findFault(id);
  const { params, only } = divideParameters(given, Object.keys(fault.params.properties));
  // A mistake is told before anything is opened or written.
  faultParams(fault, params);
  faultLimits(fault, only);
  return Object.keys(only).length > 0 ? { id, params, only } : { id, params };
}

/** A fault of TLS that runs above it has nothing to break in plaintext. */
function isOverTls(id: string): boolean {
  const { layer, stage } = findFault(id);
  return layer === 'tls' && stage === 'app';
}

function numbered(
  name: string,
  ports: number[] | undefined,
  spec: (port: number) => Omit<EndpointSpec, 'name'>,
): EndpointSpec[] {
  return (ports ?? []).map((port, index) => ({
    name: index === 0 ? name : `${name}-${index + 1}`,
    ...spec(port),
  }));
}
