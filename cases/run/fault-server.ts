import type { EndpointSpec, ServerLine, ServerObservation } from '../../protos/control/fault-server.ts';
import { InfrastructureError } from '../exit-codes.ts';
import { type Program, startProgram } from './program.ts';

export type FaultServer = {
  program: Program;
  /** Opens an endpoint and gives its `host:port`, or why it is impossible. Rejects only when the program dies. */
  open(endpoint: EndpointSpec): Promise<{ address: string } | { refused: string }>;
  stop(): Promise<void>;
};

/** @throws InfrastructureError when the program ends before it is ready. */
export async function startFaultServer(
  command: string[],
  onObservation: (observation: ServerObservation) => void,
): Promise<FaultServer> {
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
  await Promise.race([isReady, death]);
  return {
    program,
    open: async (endpoint) => {
      const id = nextId++;
      const answered = new Promise<ServerLine & { type: 'answer' }>((resolve) => waiting.set(id, resolve));
      program.send({ id, cmd: 'open', endpoint });
      const answer = await Promise.race([answered, death]);
      return answer.ok ? { address: `${answer.host}:${answer.port}` } : { refused: answer.error };
    },
    stop: async () => void (await program.stop(2000)),
  };
}

export function parseLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
