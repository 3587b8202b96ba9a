import type { TSchema } from 'typebox';
import { encodePing } from '../../../protos/h2/frames.ts';
import { Type } from '../../../protos/schema/type.ts';
import { H2Client } from '../../grpc/h2-client.ts';
import { hostOf } from '../../h1/host.ts';
import { finishConnection } from '../../modes/finish-connection.ts';
import type { Exchange } from '../../run/exchange.ts';
import { RunError } from '../../run/run-error.ts';
import { type Fault, fault } from '../fault.ts';
import { openApplication } from '../open.ts';
import { params, plaintext } from '../params.ts';

/** One call by hand: its header fields, its DATA, and how this side ends it. */
export type CallScript = {
  fields: [string, string][];
  data?: Buffer[];
  /** `half_close`: END_STREAM. `cancel`: RST_STREAM CANCEL. `none`: neither; it waits for the answer all the same. */
  end?: 'half_close' | 'cancel' | 'none';
  /** PING frames before the DATA. */
  pings?: number;
};

export type Given = { path: string; [extra: string]: unknown };

/** Declares a fault of one gRPC call; what the server answers is an exchange of the result. */
export function grpcFault(
  id: string,
  summary: string,
  peerMustSee: string,
  spec: string,
  how: { extra?: Record<string, TSchema>; script: (usual: [string, string][], given: Given) => CallScript },
): Fault {
  const path = Type.String({ default: '/helloworld.Greeter/SayHello', description: 'The method.' });
  return fault({
    id,
    layer: 'grpc',
    summary,
    params: params({ path, plaintext, ...how.extra }),
    peerMustSee,
    spec,
    run: async (client, run, given) => {
      const wanted = given as unknown as Given & { plaintext: boolean };
      const connection = await openApplication(client, run, { alpn: 'h2', plaintext: wanted.plaintext });
      const h2 = new H2Client(connection.stream, (goaway) => {
        run.goaway = goaway;
      });
      const usual = usualFields(
        wanted.plaintext ? 'http' : 'https',
        hostOf(client),
        client.request?.path ?? wanted.path,
      );
      await call(h2, how.script(usual, wanted), run.exchange());
      run.phase = 'close';
      await finishConnection(run, connection, h2);
    },
  });
}

/** In the order PROTOCOL-HTTP2.md gives. */
function usualFields(scheme: string, authority: string, path: string): [string, string][] {
  return [
    [':method', 'POST'],
    [':scheme', scheme],
    [':path', path],
    [':authority', authority],
    ['te', 'trailers'],
    ['content-type', 'application/grpc'],
  ];
}

/** Resolves when the call is over on this side. */
async function call(h2: H2Client, script: CallScript, exchange: Exchange): Promise<void> {
  const over = Promise.withResolvers<void>();
  exchange.grpcMessages = null;
  await h2.settled;
  const stream = h2.open(script.fields, {
    headers: (fields, endStream) => {
      take(exchange, fields, endStream);
      if (endStream) over.resolve();
    },
    data: (chunk, endStream) => {
      exchange.received(chunk);
      if (!endStream) return;
      exchange.complete = true;
      over.resolve();
    },
    reset: (code) => {
      exchange.rstCode = code;
      over.resolve();
    },
    lost: (error) => {
      exchange.fail(new RunError('response', 'CONNECTION_ENDED', error.message));
      over.resolve();
    },
  });
  for (let ping = 0; ping < (script.pings ?? 0); ping++) h2.write(encodePing());
  for (const piece of script.data ?? []) {
    exchange.sent(piece);
    stream.send(piece);
  }
  if (script.end === 'cancel') {
    stream.cancel();
    exchange.abandon();
    return;
  }
  if (script.end !== 'none') stream.end();
  await over.promise;
}

function take(exchange: Exchange, fields: [string, string][], endStream: boolean): void {
  const value = (name: string) => fields.find(([key]) => key === name)?.[1];
  if (exchange.status === null) {
    exchange.status = Number(value(':status'));
    exchange.headers = fields;
    exchange.trailersOnly = endStream;
  } else exchange.trailers = fields;
  const status = value('grpc-status');
  if (status !== undefined) exchange.grpcStatus = Number(status);
  const message = value('grpc-message');
  if (message !== undefined) exchange.grpcMessage = message;
  if (endStream) exchange.complete = true;
}
