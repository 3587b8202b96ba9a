import type { EndpointSpec, ServerCommand, ServerLine } from '../../protos/control/fault-server.ts';
import type { ServerDouble } from './double.ts';

/** Fault-servers that do not do what they were asked for, or do not say what they saw. */
export const serverDoubles: ServerDouble[] = [
  {
    name: 'fault-not-injected',
    lie: 'serves well where it was asked to inject a fault',
    standsFor: 'a fault that its own library repairs before it reaches the wire',
    filter: (acted) => {
      const opened = openedOtherwise((endpoint) => served(endpoint));
      return { command: opened.command, line: (line) => withoutFault(line, opened.changed, acted) };
    },
  },
  {
    name: 'fault-claimed',
    lie: 'serves well where it was asked to inject a fault, and says that it injected it',
    standsFor: 'a fault that is reported before it happens',
    filter: (acted) => {
      const opened = openedOtherwise((endpoint) => served(endpoint));
      return {
        command: opened.command,
        line: (line) => {
          const lines = withoutFault(line, opened.changed, acted);
          const endpoint = 'observation' in line ? opened.changed.get(line.endpoint) : undefined;
          if (!endpoint || line.type !== 'observation' || line.observation !== 'open') return lines;
          const { endpoint: name, conn, remote, ts } = line;
          const told = { endpoint: name, conn, remote, ts, fault: endpoint.fault!.id, detail: 'injected' };
          return [...lines, { type: 'observation', observation: 'fault', ...told }];
        },
      };
    },
  },
  {
    name: 'another-fault',
    lie: 'injects another fault than the one asked for, and reports the one asked for',
    standsFor: 'two faults mixed up in a registry',
    filter: (acted) => {
      const opened = openedOtherwise(withAnotherFault);
      return {
        command: opened.command,
        line: (line) => {
          const endpoint = 'observation' in line ? opened.changed.get(line.endpoint) : undefined;
          if (!endpoint || line.type !== 'observation') return [line];
          if (line.observation === 'open') acted(line.remote);
          return [line.observation === 'fault' ? { ...line, fault: endpoint.fault!.id } : line];
        },
      };
    },
  },
  {
    name: 'requests-unseen',
    lie: 'does not say which requests reached it',
    standsFor: 'an observer that looks at one connection in two',
    filter: (acted) => ({
      line: (line) => {
        if (line.type !== 'observation' || line.observation !== 'request') return [line];
        acted(line.remote);
        return [];
      },
    }),
  },
  {
    name: 'header-unseen',
    lie: 'says that no PROXY header reached it',
    standsFor: 'an upstream that strips the header before anybody looks',
    filter: (acted) => ({
      line: (line) => {
        if (line.type !== 'observation' || line.observation !== 'proxy' || line.raw_hex === '') return [line];
        acted(line.remote);
        const none = { version: 'none', command: null, src: null, dst: null, tlvs: [], raw_hex: '' } as const;
        return [{ ...line, ...none, tlvs: [], error: null }];
      },
    }),
  },
];

/** Opens endpoints otherwise than asked; `changed` has what was asked, by name. */
function openedOtherwise(change: (endpoint: EndpointSpec) => EndpointSpec) {
  const changed = new Map<string, EndpointSpec>();
  const command = (asked: ServerCommand): ServerCommand => {
    if (asked.cmd !== 'open' || !asked.endpoint.fault) return asked;
    changed.set(asked.endpoint.name, asked.endpoint);
    return { ...asked, endpoint: change(asked.endpoint) };
  };
  return { command, changed };
}

/** What a healthy server of that protocol is. */
function served({ fault, ...endpoint }: EndpointSpec): EndpointSpec {
  if (endpoint.kind !== 'raw') return endpoint;
  return { ...endpoint, kind: /^grpc-/.test(fault!.id) ? 'grpc' : 'http' };
}

function withoutFault(
  line: ServerLine,
  changed: Map<string, EndpointSpec>,
  acted: (remote: string) => void,
): ServerLine[] {
  if (line.type === 'observation' && line.observation === 'open' && changed.has(line.endpoint))
    acted(line.remote);
  return [line];
}

/** One that ends otherwise, of the same protocol. */
function withAnotherFault(endpoint: EndpointSpec): EndpointSpec {
  const { id } = endpoint.fault!;
  const [first, second] = /^h2-/.test(id)
    ? ['h2-srv-tcp-rst', 'h2-srv-rst']
    : /^grpc-/.test(id)
      ? ['grpc-http-status', 'grpc-trailers-only']
      : /^h1-/.test(id)
        ? ['h1-close-early', 'h1-garbage']
        : ['tcp-accept-fin', 'tcp-accept-rst'];
  return { ...endpoint, fault: { id: id === first ? second! : first! } };
}
