import type { EndpointSpec, ServerLine, ServerObservation } from '../../protos/control/fault-server.ts';
import { InfrastructureError } from '../exit-codes.ts';
import { type Program, startProgram } from './program.ts';

export type FaultServer = {
  program: Program;
  /** Opens an endpoint and gives its `host:port`, or why it is impossible. Rejects only when the program dies. */
  open(endpoint: EndpointSpec): Promise<{ address: string } | { refused: string }>;
  /** The next connection of an endpoint is the first again for the limits of its fault. */
  rewind(name: string): Promise<void>;
  /** Answers when everything that reached the server before has been observed. */
  ping(): Promise<void>;
  stop(): Promise<void>;
};

/** A process that runs already; `ready` rejects with an InfrastructureError when it ends before it takes commands. */
export type StartingServer = { program: Program; ready: Promise<FaultServer> };

export function startFaultServer(
  command: string[],
  onObservation: (observation: ServerObservation) => void,
): Promise<FaultServer> {
  return spawnFaultServer(command, onObservation).ready;
}

export function spawnFaultServer(
  command: string[],
  onObservation: (observation: ServerObservation) => void,
): StartingServer {
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const waiting = new Map<number, (line: ServerLine & { type: 'answer' }) => void>();
  let nextId = 1;
  const program = startProgram('fault-server', command, (text) => {
    const line = parseLine(text) as ServerLine | null;
    if (line?.type === 'ready') ready();
    else if (line?.type === 'answer') {
      waiting.get(line.id)?.(line);
      waiting.delete(line.id);
    } else if (line?.type === 'observation') onObservation(line);
  });
  const death = program.ended.then((end) => {
    throw new InfrastructureError(`the fault-server ${end.how}\n${program.stderrTail()}`);
  });
  death.catch(() => undefined);
  const ask = (command: { cmd: string; [key: string]: unknown }) => {
    const id = nextId++;
    const answered = new Promise<ServerLine & { type: 'answer' }>((resolve) => waiting.set(id, resolve));
    program.send({ id, ...command });
    return Promise.race([answered, death]);
  };
  const server: FaultServer = {
    program,
    rewind: async (name) => {
      const answer = await ask({ cmd: 'rewind', name });
      if (!answer.ok)
        throw new InfrastructureError(`the fault-server cannot rewind ${name}: ${answer.error}`);
    },
    open: async (endpoint) => {
      const answer = await ask({ cmd: 'open', endpoint });
      return answer.ok ? { address: `${answer.host}:${answer.port}` } : { refused: answer.error };
    },
    ping: async () => void (await ask({ cmd: 'ping' })),
    stop: async () => void (await program.stop(2000)),
  };
  return { program, ready: Promise.race([isReady, death]).then(() => server) };
}

export function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
