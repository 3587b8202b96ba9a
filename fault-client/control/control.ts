import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ClientCommand, ClientLine } from '../../protos/control/fault-client.ts';
import type { Certificates } from '../certificates/certificates.ts';
import type { RunHooks } from '../run/run.ts';
import { runClient } from '../run/run-client.ts';
import { messageOf } from '../run/run-error.ts';
import { checkSpec } from './check-spec.ts';

/** Serve the line protocol until `stop` or the end of input. Runs in flight are cancelled then, and still answered. */
export async function control(
  input: Readable,
  write: (line: string) => void,
  certificates: Certificates,
): Promise<void> {
  type Flight = { cancel: AbortController; finishing: AbortController; done: Promise<void> };
  const inFlight = new Map<string, Flight>();
  const say = (line: ClientLine): void => write(`${JSON.stringify(line)}\n`);

  const start = (id: string, spec: unknown): void => {
    if (inFlight.has(id)) throw new Error(`run ${id} is already in flight`);
    const checked = checkSpec(spec, certificates);
    const cancel = new AbortController();
    const finishing = new AbortController();
    const hooks: RunHooks = {
      certificates,
      onSocket: (local, remote) => say({ type: 'socket', id, local, remote }),
      onHolding: () => say({ type: 'holding', id }),
      onExchange: (exchange) => say({ type: 'exchange', id, ...exchange }),
      finishing: finishing.signal,
    };
    const done = runClient(checked, hooks, cancel.signal).then((result) => {
      inFlight.delete(id);
      say({ type: 'result', id, result });
    });
    inFlight.set(id, { cancel, finishing, done });
  };

  const obey = (command: ClientCommand): 'stop' | undefined => {
    switch (command.cmd) {
      case 'run':
        start(command.id, command.spec);
        return undefined;
      case 'cancel':
        inFlight.get(command.id)?.cancel.abort();
        return undefined;
      case 'finish':
        inFlight.get(command.id)?.finishing.abort();
        return undefined;
      case 'ping':
        say({ type: 'pong', id: command.id });
        return undefined;
      case 'stop':
        return 'stop';
      default:
        throw new Error(`unknown command ${JSON.stringify((command as { cmd?: unknown }).cmd)}`);
    }
  };

  say({ type: 'ready' });
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    if (line.trim() === '') continue;
    let id = '';
    try {
      const command = JSON.parse(line) as ClientCommand;
      id = String(command?.id ?? '');
      if (obey(command) === 'stop') break;
    } catch (error) {
      say({ type: 'refused', id, error: messageOf(error) });
    }
  }
  lines.close();
  for (const { cancel } of inFlight.values()) cancel.abort();
  await Promise.all([...inFlight.values()].map(({ done }) => done));
}
