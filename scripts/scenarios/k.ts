/** K: is the emulated gRPC client honest? Real clients, every shape of call. */
import { fileURLToPath } from 'node:url';
import type {
  ClientDuplexStream,
  ClientReadableStream,
  ClientWritableStream,
  ServiceError,
} from '@grpc/grpc-js';
import { runChild } from '../bench/children.ts';
import { startEdge } from './fault-upstream.ts';
import { grpcTls, openGreeter, sayHello } from './grpc-calls.ts';
import type { Lab } from './lab.ts';
import { pythonGrpc } from './peers.ts';
import { recordsOf } from './records.ts';
import type { Scenario } from './types.ts';

const methods = ['SayHello', 'SayHelloBidiStream', 'SayHelloClientStream', 'SayHelloStreamReply'];
const greetings = ['a', 'b', 'c'];
const suite = fileURLToPath(new URL('../../cases/bin.mjs', import.meta.url));
const pythonClient = fileURLToPath(new URL('./k-client.py', import.meta.url));

export const scenario: Scenario = {
  letter: 'K',
  title: 'is the emulated gRPC client honest?',
  variants: [
    {
      id: 'K.grpc-js',
      role: 'twin',
      title: 'grpc-js: unary, client, server and bidirectional streams',
      async run(lab) {
        const client = openGreeter(await startEdge(lab, null), grpcTls(lab));
        lab.check('unary', 'OK', (await sayHello(client, 30_000)).code);
        lab.check('server stream', true, (await read(client.SayHelloStreamReply!({ name: 'a' }))) > 0);
        lab.check('client stream', true, await writeAll(client));
        lab.check('bidirectional stream', true, (await talk(client.SayHelloBidiStream!())) > 0);
        client.close();
        await calls(lab);
      },
    },
    {
      id: 'K.python',
      role: 'twin',
      title: 'grpcio of Python: the same',
      needs: [pythonGrpc],
      async run(lab) {
        const port = await startEdge(lab, null);
        const output = await runChild('/usr/bin/python3', [
          pythonClient,
          String(port),
          `${lab.certs}/ca.crt`,
        ]);
        lab.check('grpcio', 'unary server-stream client-stream bidi-stream', output.trim());
        await calls(lab);
      },
    },
    {
      id: 'K.refused-call',
      role: 'look-alike',
      title: 'grpc-js and a service that answers every call with an error status',
      async run(lab) {
        const client = openGreeter(await startEdge(lab, 'grpc-status,code=7'), grpcTls(lab));
        lab.check('unary', 'PERMISSION_DENIED', (await sayHello(client, 30_000)).code);
        client.close();
      },
    },
    {
      id: 'K.compared',
      role: 'twin',
      title: 'the emulation beside grpc-js, field by field: npm run compare',
      async run(lab) {
        const out = `${lab.folder}/compare`;
        const told = await runChild(
          process.execPath,
          [suite, 'compare', 'grpc_interop', '--out', out],
          {},
          [0, 6],
        );
        const [, unknown] = /(\d+) unknown differences, 0 failed/.exec(told) ?? [];
        lab.check('unknown differences', '0', unknown);
      },
    },
  ],
};

/** What the proxy recorded of the four calls. */
async function calls(lab: Lab): Promise<void> {
  const events = (await recordsOf(lab, 1)).filter(({ kind }) => kind === 'event');
  const told = events.map(({ request, protocol, grpc_status }) => [
    (request as { grpc_method: string }).grpc_method,
    protocol,
    grpc_status,
  ]);
  lab.check(
    'calls recorded',
    methods.map((method) => [method, 'grpc', 0]),
    told.sort(),
  );
}

type Reply = { message: string };

async function read(call: unknown): Promise<number> {
  let replies = 0;
  for await (const _reply of call as ClientReadableStream<Reply>) replies++;
  return replies;
}

function writeAll(client: ReturnType<typeof openGreeter>): Promise<boolean> {
  return new Promise((resolve) => {
    const call = client.SayHelloClientStream!((error: ServiceError | null) => resolve(error === null));
    for (const name of greetings) (call as ClientWritableStream<{ name: string }>).write({ name });
    (call as ClientWritableStream<{ name: string }>).end();
  });
}

function talk(call: unknown): Promise<number> {
  const stream = call as ClientDuplexStream<{ name: string }, Reply>;
  for (const name of greetings) stream.write({ name });
  stream.end();
  return read(stream);
}
