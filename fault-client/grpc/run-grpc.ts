import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClientSpec } from '../../protos/control/fault-client.ts';
import type { Connection } from '../connect/connection.ts';
import { waitForEnd } from '../modes/finish-connection.ts';
import { pauses } from '../modes/pauses.ts';
import { closeEarly } from '../modes/run-mode.ts';
import { nativeChannel } from '../native/native-channel.ts';
import type { Exchange } from '../run/exchange.ts';
import type { Run } from '../run/run.ts';
import { inPhase, RunError } from '../run/run-error.ts';
import { type CallContext, startCall } from './calls/call-context.ts';
import { grpcCalls } from './calls/registry.ts';
import { emulatedChannel } from './emulated-channel.ts';

/** Both gRPC modes: the same calls and modes, over our own HTTP/2 or through grpc-js. */
export async function runGrpc(spec: ClientSpec, run: Run): Promise<void> {
  const native = spec.proto === 'grpc_native' ? await nativeChannel(spec, run) : null;
  const emulated = native ? null : await emulatedChannel(spec, run);
  const channel = native ?? emulated!;
  const made: Exchange[] = [];
  const context: CallContext = {
    channel,
    params: spec.grpc?.params ?? {},
    metadata: spec.grpc?.metadata ?? [],
    deadlineMs: spec.grpc?.deadlineMs,
    exchange: () => {
      const exchange = run.exchange();
      made.push(exchange);
      return exchange;
    },
    note: (text) => run.notes.push(text),
  };
  run.phase = 'request';
  await channel.ready();
  const connection = (): Connection => native?.relay.connection() ?? emulated!.connection();
  const mode = spec.mode ?? 'ok';
  let failure: RunError | null = null;
  if (mode === 'ok' || mode === 'chat' || mode === 'idle') {
    failure = await converse(spec, run, context);
    if (mode === 'idle' && !failure) await waitForEnd(connection().end, spec.idleMs ?? null);
  } else {
    const forwarded = native?.relay.forwardedBytes() ?? 0;
    const call = startCall(context, 'helloworld.Greeter/SayHello');
    call.send({ name: String(context.params.name ?? 'wiretracer') });
    call.end();
    await call.sent;
    // What grpc-js has sent can only be seen as bytes on the relay: a HEADERS and a DATA frame are more than these.
    if (native) await native.relay.forwarded(forwarded + 100);
    else await nextTurn();
    const { end, raw, stream } = connection();
    end.self();
    if (mode === 'client_half_close') {
      stream.end();
      run.phase = 'response';
      await call.status;
    } else {
      made.at(-1)?.abandon();
      if (mode === 'client_rst') raw.resetAndDestroy();
      else await closeEarly(connection());
      return;
    }
  }
  run.phase = 'close';
  // Also behind a call that failed: a dropped socket would answer with RST whatever the server has still to say.
  await channel.close();
  if (failure) throw failure;
}

/** The failure that ended the conversation, if one did. */
async function converse(spec: ClientSpec, run: Run, context: CallContext): Promise<RunError | null> {
  const name = spec.grpc?.call ?? 'say_hello';
  const call = grpcCalls[name];
  if (!call) throw new RunError('request', 'BAD_CALL', `unknown call "${name}"`);
  const cycles = spec.cycles ?? (spec.mode === 'chat' ? 3 : 1);
  run.phase = 'response';
  const pause = pauses(spec);
  for (let cycle = 0; cycle < cycles; cycle++) {
    if (cycle > 0) await pause();
    const calls = Array.from({ length: spec.concurrency ?? 1 }, () => call(context));
    const failed = (await Promise.allSettled(calls)).find((one) => one.status === 'rejected');
    if (!failed) continue;
    run.exchanges
      .findLast((exchange) => exchange.error === null && exchange.grpcStatus !== null)
      ?.fail(failed.reason);
    return inPhase(run.phase, failed.reason);
  }
  return null;
}
