import type { Readable } from 'node:stream';
import type { ServerAnswer, ServerCommand, ServerLine } from '../../protos/control/fault-server.ts';
import { type EndpointContext, type OpenEndpoint, openEndpoint } from '../endpoints/endpoint.ts';
import type { Identities } from '../endpoints/identities.ts';
import { parseCommand, wrongSpec } from './command.ts';
import { readLines } from './lines.ts';

/**
 * Serves the line protocol until `stop` or the end of the input; resolves when every endpoint is closed.
 * A wrong line is answered, never fatal.
 */
export async function control(
  input: Readable,
  write: (line: string) => void,
  identities: Identities,
): Promise<void> {
  const endpoints = new Map<string, OpenEndpoint>();
  const send = (line: ServerLine) => write(`${JSON.stringify(line)}\n`);
  let conn = 0;
  const context: EndpointContext = {
    identities,
    observe: (observation) => send({ type: 'observation', ...observation }),
    nextConn: () => ++conn,
  };
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  send({ type: 'ready' });
  const ended = readLines(input, (line) => {
    const command = parseCommand(line);
    if (typeof command === 'string') return send({ type: 'answer', id: -1, ok: false, error: command });
    obey(command, endpoints, context).then(
      (answer) => {
        send({ type: 'answer', ...answer });
        if (command.cmd === 'stop') stop();
      },
      (error: Error) =>
        send({ type: 'answer', id: command.id, ok: false, error: error.message.split('\n')[0] ?? '' }),
    );
  });
  await Promise.race([ended, stopped]);
  await Promise.all([...endpoints.values()].map((endpoint) => endpoint.close()));
}

async function obey(
  command: ServerCommand,
  endpoints: Map<string, OpenEndpoint>,
  context: EndpointContext,
): Promise<ServerAnswer> {
  const { id } = command;
  switch (command.cmd) {
    case 'open': {
      const spec = command.endpoint;
      const wrong = wrongSpec(spec);
      if (wrong) return { id, ok: false, error: wrong };
      if (endpoints.has(spec.name))
        return { id, ok: false, error: `endpoint "${spec.name}" is open already` };
      const endpoint = await openEndpoint(spec, context);
      endpoints.set(spec.name, endpoint);
      return { id, ok: true, name: endpoint.name, host: endpoint.host, port: endpoint.port };
    }
    case 'close': {
      const endpoint = endpoints.get(command.name);
      if (!endpoint) return { id, ok: false, error: `no endpoint "${command.name}"` };
      endpoints.delete(command.name);
      await endpoint.close();
      return { id, ok: true, name: command.name };
    }
    case 'rewind': {
      const endpoint = endpoints.get(command.name);
      if (!endpoint) return { id, ok: false, error: `no endpoint "${command.name}"` };
      endpoint.rewind();
      return { id, ok: true, name: command.name };
    }
    case 'ping':
    case 'stop':
      return { id, ok: true };
    default:
      return { id, ok: false, error: `unknown command ${JSON.stringify((command as { cmd: unknown }).cmd)}` };
  }
}
