/** H: the call took milliseconds, and `conn.duration_ms` says seconds. */
import { setTimeout as wait } from 'node:timers/promises';
import { startEdge } from './fault-upstream.ts';
import { greetOnce, grpcTls, openGreeter, sayHello } from './grpc-calls.ts';
import type { Scenario } from './types.ts';

/** Long beside a call, short beside the half minute of the story. */
const IDLE_MS = 3000;
const WELL_MS = 30_000;

export const scenario: Scenario = {
  letter: 'H',
  title: 'a gRPC call is fast, and its connection lasts',
  variants: [
    {
      id: 'H.keep-alive',
      role: 'symptom',
      title: 'the client keeps its channel for seconds after the answer',
      async run(lab) {
        const client = openGreeter(await startEdge(lab, null), grpcTls(lab));
        lab.check('the call', 'OK', (await sayHello(client, WELL_MS)).code);
        await wait(IDLE_MS);
        client.close();
      },
    },
    {
      id: 'H.closed-at-once',
      role: 'twin',
      title: 'the client closes its channel with the answer',
      async run(lab) {
        lab.check('the call', 'OK', (await greetOnce(lab, await startEdge(lab, null), WELL_MS)).code);
      },
    },
    {
      id: 'H.slow-answer',
      role: 'look-alike',
      title: 'the connection lasts because the server does not come to an end',
      async run(lab) {
        const port = await startEdge(lab, 'grpc-headers-then-hang');
        const { code, details } = await greetOnce(lab, port, IDLE_MS);
        lab.say(`grpc-js: ${code} ${details}`);
      },
    },
  ],
};
