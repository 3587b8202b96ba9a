import type { Exchange } from '../../run/exchange.ts';
import { RunError } from '../../run/run-error.ts';
import type { Call, Channel, Received } from '../channel.ts';
import { type Message, method } from '../schema.ts';
import { type Status, statusName } from '../status.ts';

/** What a call needs to know; `exchange()` begins the record of one RPC. */
export type CallContext = {
  channel: Channel;
  params: Record<string, unknown>;
  metadata: [string, string][];
  deadlineMs: number | undefined;
  exchange(): Exchange;
  note(text: string): void;
};

/** A call by name: it throws where the answer breaks the call's own contract. */
export type GrpcCall = (context: CallContext) => Promise<void>;

export type Outcome = {
  status: Status & { trailers: [string, string][] };
  initialMetadata: [string, string][];
  messages: Received[];
};

type StartOptions = { gzip?: boolean; metadata?: [string, string][]; deadlineMs?: number };

export function startCall(context: CallContext, name: string, options: StartOptions = {}): Call {
  return context.channel.call(method(name), {
    exchange: context.exchange(),
    metadata: [...context.metadata, ...(options.metadata ?? [])],
    deadlineMs: options.deadlineMs ?? context.deadlineMs,
    gzip: options.gzip,
  });
}

/** Everything that is left of the answer. */
export async function drain(call: Call): Promise<Outcome> {
  const messages: Received[] = [];
  for (let next = await call.next(); next; next = await call.next()) messages.push(next);
  return { messages, status: await call.status, initialMetadata: await call.initialMetadata };
}

/** Send the messages, half-close, read all. */
export async function exchangeAll(
  context: CallContext,
  name: string,
  messages: readonly { message: object; compress?: boolean }[],
  options: StartOptions = {},
): Promise<Outcome> {
  await context.channel.ready();
  const call = startCall(context, name, options);
  for (const { message, compress } of messages) call.send(message, { compress });
  call.end();
  return drain(call);
}

export function expectStatus(outcome: Outcome, code: number, message?: string): void {
  const status = outcome.status;
  if (status.code !== code)
    throw new RunError(
      'response',
      `GRPC_${statusName(status.code)}`,
      `expected status ${statusName(code)}, got ${statusName(status.code)}: ${status.message}`,
    );
  if (message !== undefined) expectEqual('grpc-message', status.message, message);
}

export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted)
    throw new RunError('response', 'GRPC_CONTRACT', `${what}: expected ${wanted}, got ${got}`);
}

/** Size of the payload's body, 0 without one. */
export function payloadBytes(message: Message | undefined): number {
  const payload = message?.payload as { body?: Buffer } | null | undefined;
  return payload?.body?.length ?? 0;
}

export function zeros(bytes: number): { type: string; body: Buffer } {
  return { type: 'COMPRESSABLE', body: Buffer.alloc(bytes) };
}

export function numberParam(context: CallContext, name: string, fallback: number): number {
  const value = Number(context.params[name] ?? fallback);
  if (!Number.isFinite(value)) throw new RunError('request', 'BAD_PARAM', `${name} must be a number`);
  return value;
}
