import { InvalidArgumentError, Option } from 'commander';
import type { EndpointSpec } from '../../protos/control/fault-server.ts';

type FaultOption = { id: string; params: Record<string, string> };

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
  const params: Record<string, string> = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new InvalidArgumentError(`"${pair}" is no name=value.`);
    params[pair.slice(0, equals)] = pair.slice(equals + 1);
  }
  return [...(before ?? []), { id, params }];
}

/** The endpoints that a command line asks for, named by their kind, numbered from the second of a kind on. */
export function endpointsOf(options: EndpointOptions): EndpointSpec[] {
  const { host, cert } = options;
  const faults = options.fault ?? [];
  if ((options.port?.length ?? 0) > faults.length) throw new Error('--port goes with a --fault');
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
        fault,
        tls: options.withTls ? { cert } : undefined,
      }),
    ),
  ];
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
