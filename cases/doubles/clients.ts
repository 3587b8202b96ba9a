import { createHash } from 'node:crypto';
import type {
  ClientLine,
  ClientResult,
  ClientSpec,
  ExchangeResult,
} from '../../protos/control/fault-client.ts';
import type { ClientDouble } from './double.ts';

/** Fault-clients that do not do what they were asked for, or do not say what came of it. */
export const clientDoubles: ClientDouble[] = [
  {
    name: 'client-unconnected',
    lie: 'connects to nobody and reports a 200',
    standsFor: 'a client whose request is answered by a mock',
    waits: true,
    filter: (acted) => ({
      command: (command, say) => {
        if (command.cmd !== 'run') return command;
        acted(command.spec.bind ?? '');
        say({ type: 'result', id: command.id, result: success(command.spec) });
        return null;
      },
    }),
  },
  {
    name: 'client-idle',
    lie: 'connects, asks for nothing, and reports a 200',
    standsFor: 'a client that takes a connection for an answer',
    filter: (acted) => {
      const specs = new Map<string, ClientSpec>();
      return {
        command: (command) => {
          if (command.cmd !== 'run') return command;
          acted(command.spec.bind ?? '');
          specs.set(command.id, command.spec);
          const { target, bind } = command.spec;
          const idle = { target, proto: 'raw', fault: { id: 'tcp-connect-fin' } } as const;
          return { ...command, spec: bind === undefined ? idle : { ...idle, bind } };
        },
        line: (line) => {
          if (line.type !== 'result') return line;
          return { ...line, result: { ...success(specs.get(line.id)!), sockets: line.result.sockets } };
        },
      };
    },
  },
  {
    name: 'success-claimed',
    lie: 'reports every exchange as answered and whole',
    standsFor: 'a client that checks no status and no length',
    filter: onResults((result) => ({
      ...result,
      outcome: 'ok',
      error: null,
      exchanges: result.exchanges.map((exchange) => ({
        ...exchange,
        status: exchange.status ?? 200,
        complete: true,
        error: null,
        rst_code: null,
      })),
    })),
  },
  {
    name: 'bodies-unread',
    lie: 'reports every body as empty',
    standsFor: 'a client that looks at the status line only',
    filter: onResults((result) => ({
      ...result,
      exchanges: result.exchanges.map((exchange) => ({ ...exchange, body_bytes: 0, body_sha256: emptyHash })),
    })),
  },
  {
    name: 'end-made-up',
    lie: 'reports that it ended every connection itself',
    standsFor: 'a client that reads no further than its answer',
    filter: onResults((result) => ({
      ...result,
      close: { by: 'self', peer_end: null, goaway: null },
    })),
  },
];

const emptyHash = createHash('sha256').digest('hex');

/** Changes results; `acted` is told of those that are not the same any more. */
function onResults(change: (result: ClientResult) => ClientResult): ClientDouble['filter'] {
  return (acted) => {
    const binds = new Map<string, string>();
    return {
      command: (command) => {
        if (command.cmd === 'run') binds.set(command.id, command.spec.bind ?? '');
        return command;
      },
      line: (line: ClientLine) => {
        if (line.type !== 'result') return line;
        const result = change(line.result);
        if (JSON.stringify(result) !== JSON.stringify(line.result)) acted(binds.get(line.id) ?? '');
        return { ...line, result };
      },
    };
  };
}

/** What a client that had all it asked for would report. */
function success(spec: ClientSpec): ClientResult {
  const count = (spec.cycles ?? 1) * (spec.concurrency ?? 1);
  const grpc = /^grpc/.test(spec.proto);
  const exchange: ExchangeResult = {
    status: 200,
    headers: [],
    trailers: [],
    informational: [],
    sent_bytes: 0,
    sent_sha256: emptyHash,
    body_bytes: 0,
    body_sha256: emptyHash,
    complete: true,
    error: null,
    rst_code: null,
    grpc_status: grpc ? 0 : null,
    grpc_message: null,
    grpc_messages: grpc ? 1 : null,
    trailers_only: grpc ? false : null,
  };
  return {
    outcome: 'ok',
    error: null,
    exchanges: Array.from({ length: count }, () => exchange),
    tls: null,
    close: { by: 'self', peer_end: 'fin', goaway: null },
    sockets: [],
    received_hex: null,
    received_bytes: 0,
    notes: [],
    duration_ms: 1,
  };
}
