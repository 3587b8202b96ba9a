import type {
  ClientLine,
  ClientResult,
  ClientSpec,
  MeasuredExchange,
} from '../../protos/control/fault-client.ts';
import { InfrastructureError } from '../exit-codes.ts';
import { parseLine } from './fault-server.ts';
import { type Program, startProgram } from './program.ts';

export type FaultClient = {
  program: Program;
  run(spec: ClientSpec, on: ClientEvents): ClientRun;
  stop(): Promise<void>;
};

export type ClientEvents = {
  /** The moment a socket is connected. */
  onSocket: (local: string, remote: string) => void;
  /** A fault has all its connections open and holds them. */
  onHolding?: () => void;
  onExchange?: (exchange: MeasuredExchange) => void;
};

export type ClientRun = {
  /** The result, or why nothing was run. Rejects only when the program dies. */
  done: Promise<{ result: ClientResult } | { refused: string }>;
  /** Has the run come to its own end. */
  finish(): void;
  cancel(): void;
};

/** A process that runs already; `ready` rejects with an InfrastructureError when it ends before it takes commands. */
export type StartingClient = { program: Program; ready: Promise<FaultClient> };

export function startFaultClient(command: string[]): Promise<FaultClient> {
  return spawnFaultClient(command).ready;
}

export function spawnFaultClient(command: string[]): StartingClient {
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  type Waiting = { on: ClientEvents; settle: (line: ClientLine) => void };
  const waiting = new Map<string, Waiting>();
  let nextId = 1;
  const program = startProgram('fault-client', command, (text) => {
    const line = parseLine(text) as ClientLine | null;
    if (line === null) return;
    if (line.type === 'ready') ready();
    else if (line.type === 'socket') waiting.get(line.id)?.on.onSocket(line.local, line.remote);
    else if (line.type === 'holding') waiting.get(line.id)?.on.onHolding?.();
    else if (line.type === 'exchange') waiting.get(line.id)?.on.onExchange?.(line);
    else if (line.type === 'result' || line.type === 'refused') {
      waiting.get(line.id)?.settle(line);
      waiting.delete(line.id);
    }
  });
  const death = program.ended.then((end) => {
    throw new InfrastructureError(`the fault-client ${end.how}\n${program.stderrTail()}`);
  });
  death.catch(() => undefined);
  const client: FaultClient = {
    program,
    run: (spec, on) => {
      const id = `r${nextId++}`;
      const settled = new Promise<ClientLine>((settle) => waiting.set(id, { on, settle }));
      program.send({ id, cmd: 'run', spec });
      const done = Promise.race([settled, death]).then((line) =>
        line.type === 'result' ? { result: line.result } : { refused: (line as { error: string }).error },
      );
      return {
        done,
        finish: () => program.send({ id, cmd: 'finish' }),
        cancel: () => program.send({ id, cmd: 'cancel' }),
      };
    },
    stop: async () => void (await program.stop(2000)),
  };
  return { program, ready: Promise.race([isReady, death]).then(() => client) };
}
