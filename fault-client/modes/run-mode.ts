import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClientSpec, RequestSpec } from '../../protos/control/fault-client.ts';
import type { Connection } from '../connect/connection.ts';
import type { Run } from '../run/run.ts';
import { exchangeClock } from './exchange-clock.ts';
import { finishConnection, waitForEnd } from './finish-connection.ts';
import type { HttpSession } from './http-session.ts';
import { pauses } from './pauses.ts';

/** Play the mode of the spec on one connection. */
export async function runMode(
  spec: ClientSpec,
  run: Run,
  connection: Connection,
  session: HttpSession,
): Promise<void> {
  const request = spec.request ?? {};
  run.phase = 'request';
  switch (spec.mode ?? 'ok') {
    case 'ok':
    case 'chat':
      await converse(spec, run, request, session);
      break;
    case 'idle':
      await converse(spec, run, request, session);
      await waitForEnd(connection.end, spec.idleMs ?? null);
      break;
    case 'client_half_close': {
      const { sent, answered } = session.start(request, run.exchange());
      await sent;
      connection.end.self();
      connection.stream.end();
      run.phase = 'response';
      await answered;
      break;
    }
    case 'client_close_early':
      await sendOnly(run, request, session);
      await closeEarly(connection);
      return;
    case 'client_rst':
      await sendOnly(run, request, session);
      connection.end.self();
      connection.raw.resetAndDestroy();
      await nextTurn();
      return;
  }
  run.phase = 'close';
  await finishConnection(run, connection, session);
}

async function sendOnly(run: Run, request: RequestSpec, session: HttpSession): Promise<void> {
  const exchange = run.exchange();
  await session.start(request, exchange).sent;
  exchange.abandon();
}

async function converse(
  spec: ClientSpec,
  run: Run,
  request: RequestSpec,
  session: HttpSession,
): Promise<void> {
  const cycles = spec.cycles ?? (spec.mode === 'chat' ? 5 : 1);
  const clock = spec.measure === undefined ? null : exchangeClock(spec.measure);
  const pause = pauses(spec);
  try {
    for (let cycle = 0; cycle < cycles && !run.finishing; cycle++) {
      if (cycle > 0) await pause();
      const lap = clock?.start();
      const started = Array.from({ length: spec.concurrency ?? 1 }, () =>
        session.start(request, run.exchange()),
      );
      await Promise.all(started.map(({ sent }) => sent));
      run.phase = 'response';
      await Promise.all(started.map(({ answered }) => answered));
      if (lap) run.measured({ ...lap(), complete: run.exchanges.at(-1)!.complete });
      if (run.exchanges.slice(-started.length).some((exchange) => exchange.error)) return;
    }
  } finally {
    clock?.close();
  }
}

/** close(2) as an impatient program does it: the FIN goes first, and whatever still comes is answered with RST. */
export function closeEarly(connection: Connection): Promise<void> {
  connection.end.self();
  return new Promise((resolve) => {
    connection.stream.end(() => {
      connection.raw.destroy();
      resolve();
    });
  });
}
