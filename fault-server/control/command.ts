import type { ServerCommand } from '../../protos/control/fault-server.ts';

/** A command out of one line, or what is wrong with the line. */
export function parseCommand(line: string): ServerCommand | string {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return 'a command is a JSON object';
    if (typeof (value as { id?: unknown }).id !== 'number') return 'a command needs a numeric id';
    return value as ServerCommand;
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
}

/** What is wrong with the endpoint that a command wants opened; null when it has its parts. */
export function wrongSpec(spec: unknown): string | null {
  if (typeof spec !== 'object' || spec === null) return 'open needs an endpoint';
  const { name, kind, fault } = spec as { name?: unknown; kind?: unknown; fault?: { id?: unknown } };
  if (typeof name !== 'string' || name === '') return 'an endpoint needs a name';
  if (kind !== 'http' && kind !== 'grpc' && kind !== 'raw') return `unknown kind ${JSON.stringify(kind)}`;
  if (fault !== undefined && typeof fault?.id !== 'string')
    return 'a fault has an id; write {"id": "tls-alert"}, and perhaps params and only';
  return null;
}
