import http2 from 'node:http2';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ClientSpec, RequestSpec } from '../../protos/control/fault-client.ts';
import type { Connection } from '../connect/connection.ts';
import { hostOf } from '../h1/host.ts';
import { requestMethod, requestPath } from '../h1/request-head.ts';
import { closeGraceMs, waitForEnd } from '../modes/finish-connection.ts';
import type { HttpSession, StartedRequest } from '../modes/http-session.ts';
import { type Exchange, headerPairs } from '../run/exchange.ts';
import { bodyPieces } from '../run/request-body.ts';
import type { Run } from '../run/run.ts';
import { RunError } from '../run/run-error.ts';
import { FrameWatch } from './frame-watch.ts';
import { watchedStream } from './watched-stream.ts';

/** HTTP/2 by node:http2; what it leaves out of its events comes from the frames themselves. */
export function h2Session(spec: ClientSpec, run: Run, connection: Connection): HttpSession {
  const watch = new FrameWatch();
  const whole = new Map<number, Exchange>();
  // A server that gives up says GOAWAY and ends; node:http2 ends at the word, and its FIN would overtake the server's.
  const peerWillEnd = (): boolean => watch.goaway !== null && watch.goaway.code !== 0;
  const stream = watchedStream(
    connection.stream,
    (chunk) => {
      watch.push(chunk);
      run.goaway = watch.goaway;
      // A reset behind a whole answer may come with it or after it.
      for (const [id, code] of watch.rstCodes) {
        const exchange = whole.get(id);
        if (exchange) exchange.rstCode = code;
      }
    },
    async () => {
      if (peerWillEnd()) await waitForEnd(connection.end, closeGraceMs);
      // node:http2 ends by itself too: after a GOAWAY, once its last stream is over.
      connection.end.self();
    },
  );
  const { push = 'disabled', initialWindowBytes: windowBytes = 65_535 } = spec.h2 ?? {};
  const session = http2.connect(`${spec.tls ? 'https' : 'http'}://${hostOf(spec)}`, {
    createConnection: () => stream,
    settings: { enablePush: push !== 'disabled', initialWindowSize: windowBytes },
  });
  session.once('connect', () => session.setLocalWindowSize(windowBytes));
  // The session dies of its stream; session.destroy() would write a GOAWAY, and Node asserts when a write is under way.
  run.own(stream);
  // Every failure also reaches the requests in flight, where it is told.
  session.on('error', () => {});
  session.on('stream', (pushed, headers) => {
    run.notes.push(`push ${push === 'accept' ? 'accepted' : 'refused'}: ${headers[':path']}`);
    pushed.on('error', () => {});
    if (push === 'accept') pushed.resume();
    else pushed.close(http2.constants.NGHTTP2_CANCEL);
  });
  const settled = new Promise<void>((resolve) => {
    session.once('remoteSettings', () => resolve());
    session.once('close', () => resolve());
  });
  return {
    start: (request, exchange) => start(request, exchange, session, spec, watch, whole, settled),
    peerWillEnd,
    close: () => session.close(),
  };
}

function start(
  request: RequestSpec,
  exchange: Exchange,
  session: http2.ClientHttp2Session,
  spec: ClientSpec,
  watch: FrameWatch,
  whole: Map<number, Exchange>,
  settled: Promise<void>,
): StartedRequest {
  const trailers = request.trailers ?? [];
  let stream: http2.ClientHttp2Stream;
  try {
    stream = session.request(requestFields(request, spec) as unknown as http2.OutgoingHttpHeaders, {
      endStream: !request.body && trailers.length === 0,
      waitForTrailers: trailers.length > 0,
    });
  } catch (error) {
    exchange.fail(error);
    return { sent: Promise.resolve(), answered: Promise.resolve() };
  }
  stream.on('wantTrailers', () => stream.sendTrailers(Object.fromEntries(trailers)));
  stream.on('headers', (headers) => exchange.informational.push(Number(headers[':status'])));
  stream.on('response', (headers, _flags, raw) => {
    exchange.status = Number(headers[':status']);
    exchange.headers = headerPairs(raw ?? []);
  });
  stream.on('trailers', (headers, _flags, raw?: string[]) => {
    exchange.trailers = raw ? headerPairs(raw) : Object.entries(headers).map(([k, v]) => [k, String(v)]);
  });
  stream.on('data', (chunk: Buffer) => exchange.received(chunk));
  stream.on('error', (error) => exchange.fail(error));
  const answered = new Promise<void>((resolve) => {
    stream.once('close', () => {
      judge(exchange, stream.id ?? 0, watch);
      if (exchange.complete) whole.set(stream.id ?? 0, exchange);
      resolve();
    });
  });
  const finished = new Promise<void>((resolve) => {
    stream.once('finish', resolve);
    stream.once('close', resolve);
  });
  for (const piece of bodyPieces(request)) {
    exchange.sent(piece);
    stream.write(piece);
  }
  stream.end();
  return { sent: Promise.all([finished, settled]).then(() => flushed(session)), answered };
}

/** Whether the answer was whole is read from the frames; the library's own error, if it had one, was told before. */
function judge(exchange: Exchange, streamId: number, watch: FrameWatch): void {
  exchange.rstCode = watch.rstCodes.get(streamId) ?? null;
  // Header fields behind what the library already gave up on are no answer, and whether they still came is chance.
  exchange.trailersOnly = exchange.status !== null && watch.singleHeaders.has(streamId);
  exchange.complete = exchange.status !== null && watch.endedStreams.has(streamId) && exchange.error === null;
  if (exchange.complete || exchange.error) return;
  exchange.fail(
    exchange.rstCode === null
      ? new RunError('response', 'TRUNCATED', 'the connection ended before the answer was whole')
      : new RunError('response', 'RST_STREAM', `RST_STREAM with code ${exchange.rstCode} before END_STREAM`),
  );
}

function requestFields(request: RequestSpec, spec: ClientSpec): string[] {
  const given = request.headers ?? [];
  const pseudo: [string, string][] = [
    [':method', requestMethod(request)],
    [':scheme', spec.tls ? 'https' : 'http'],
    [':authority', hostOf(spec)],
    [':path', requestPath(request)],
  ];
  const missing = pseudo.filter(([name]) => !given.some(([key]) => key === name));
  return [
    ...missing,
    ...given.filter(([key]) => key.startsWith(':')),
    ...given.filter(([key]) => !key.startsWith(':')),
  ].flat();
}

/** node:http2 writes on a later turn of the event loop than it says "finish". */
async function flushed(session: http2.ClientHttp2Session): Promise<void> {
  do await nextTurn();
  while (!session.destroyed && (session.state.outboundQueueSize ?? 0) > 0);
  await nextTurn();
}
