/** D: `context deadline exceeded`: at which stage does a call stall, and whose turn is it? */
import { setTimeout as wait } from 'node:timers/promises';
import type { ClientUnaryCall } from '@grpc/grpc-js';
import { startEdge } from './fault-upstream.ts';
import { greetOnce, grpcTls, openGreeter } from './grpc-calls.ts';
import type { Lab } from './lab.ts';
import { greetByOthers } from './other-grpc-clients.ts';
import type { Scenario, Variant } from './types.ts';

const DEADLINE_MS = 1500;
const WELL_MS = 30_000;
/** The client's deadline comes before the proxy's limits, but for TLS that does not come about. */
const patience = { read_timeout: 60, upstream_handshake_timeout: 1 };

export const scenario: Scenario = {
  letter: 'D',
  title: 'a gRPC client says "context deadline exceeded"',
  variants: [
    stalls('no-tls', 'the upstream accepts and never answers the ClientHello', 'tls-stall'),
    stalls(
      'no-settings',
      'TLS stands, and the upstream says nothing more',
      'tls-forge-stall,at=after_handshake',
    ),
    stalls('no-headers', 'the upstream takes the whole call and never answers', 'grpc-hang'),
    stalls('goaway', 'the upstream answers the call with GOAWAY and ends', 'h2-srv-goaway,code=2'),
    stalls('rst-stream', 'the upstream resets the stream', 'grpc-rst,code=2'),
    stalls('zero-window', 'the upstream never gives credit for the request', 'h2-srv-zero-window'),
    stalls('no-trailers', 'the upstream sends header fields and then nothing', 'grpc-headers-then-hang'),
    stalls('unimplemented', 'the upstream does not know the method', 'grpc-trailers-only,code=12'),
    {
      id: 'D.cancelled',
      role: 'look-alike',
      title: 'a client that gives up by itself, without a deadline',
      async run(lab) {
        const port = await startEdge(lab, 'grpc-hang', patience);
        const client = openGreeter(port, grpcTls(lab));
        // A call that waits for its connection is cancelled before anybody hears of it.
        await new Promise<void>((resolve, reject) => {
          client.waitForReady(Date.now() + WELL_MS, (error) => (error ? reject(error) : resolve()));
        });
        const call = client.SayHello!({ name: 'story' }, () => {}) as ClientUnaryCall;
        call.on('error', () => {});
        await wait(500);
        call.cancel();
        client.close();
      },
    },
    {
      id: 'D.healthy',
      role: 'twin',
      title: 'the same call to a service that answers',
      run: (lab) => call(lab, null, WELL_MS),
    },
  ],
};

function stalls(name: string, title: string, fault: string): Variant {
  return { id: `D.${name}`, role: 'symptom', title, run: (lab) => call(lab, fault, DEADLINE_MS) };
}

async function call(lab: Lab, fault: string | null, deadlineMs: number): Promise<void> {
  const port = await startEdge(lab, fault, patience);
  const [{ code, details }, others] = await Promise.all([
    greetOnce(lab, port, deadlineMs),
    greetByOthers(lab, port, deadlineMs),
  ]);
  for (const line of [`grpc-js: ${code} ${details}`, ...others]) lab.say(line);
  if (fault === null) lab.check('the call succeeds', 'OK', code);
}
