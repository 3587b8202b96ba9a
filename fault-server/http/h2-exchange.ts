import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import type { Exchange, HeaderPairs } from './exchange.ts';
import { observeRequest, responseOf, sendBody } from './exchange-log.ts';

export function h2Exchange(
  connection: ServerConnection,
  stream: ServerHttp2Stream,
  rawHeaders: string[],
): Exchange {
  const all = pairs(rawHeaders);
  const pseudo = (name: string) => all.find(([key]) => key === name)?.[1] ?? null;
  const headers = all.filter(([name]) => !name.startsWith(':'));
  const method = pseudo(':method') ?? '';
  const path = pseudo(':path') ?? '';
  const id = stream.id ?? 0;
  let trailers: HeaderPairs = [];
  let ended = false;
  stream.on('trailers', (_fields: IncomingHttpHeaders, _flags: number, raw?: string[]) => {
    trailers = pairs(raw ?? Object.entries(_fields).flatMap(([name, value]) => [name, String(value)]));
  });
  // A reset closes the stream before its 'end' comes; END_STREAM does not.
  stream.prependOnceListener('end', () => {
    ended = !stream.aborted && !(stream.closed && stream.rstCode !== 0);
  });
  // Its cause is told by the observations; without a listener it would end the process.
  stream.on('error', () => {});
  observeRequest(
    connection,
    {
      protocol: 'h2',
      method,
      path,
      authority: pseudo(':authority') ?? headers.find(([name]) => name === 'host')?.[1] ?? null,
      headers,
      stream_id: id,
    },
    stream,
    () => ended,
    () => trailers,
  );
  // A peer may have reset the stream by now; answering it would throw.
  const gone = () => stream.destroyed || stream.closed;
  return {
    protocol: 'h2',
    method,
    path,
    headers,
    body: stream,
    connection,
    push: stream.pushAllowed ? (target, body) => push(stream, target, body) : null,
    inform: (status, fields) => {
      if (!gone()) stream.additionalHeaders({ ':status': status, ...fields });
    },
    answer: ({ status, headers: fields = {}, body, trailers: last }) => {
      if (gone()) return;
      const known = typeof body === 'string' || Buffer.isBuffer(body);
      const length: Record<string, string> = known
        ? { 'content-length': String(Buffer.byteLength(body)) }
        : {};
      const endStream = (body === undefined || method === 'HEAD') && !last;
      if (last) stream.once('wantTrailers', () => stream.sendTrailers(last));
      stream.respond({ ':status': status, ...length, ...fields }, { endStream, waitForTrailers: !!last });
      if (endStream) connection.observe(responseOf(status, id, null));
      else
        sendBody(body ?? '', stream, { status, stream_id: id }, (observed) => connection.observe(observed));
    },
    truncate: (whole) => {
      if (gone()) return;
      const half = whole.subarray(0, whole.length >> 1);
      stream.respond({ ':status': 200, 'content-length': String(whole.length) });
      stream.write(half, () => {
        connection.observe(responseOf(200, id, half));
        connection.end();
      });
    },
    closeEarly: () => connection.end(),
    reset: () => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  };
}

function push(stream: ServerHttp2Stream, path: string, body: string): void {
  stream.pushStream({ ':path': path }, (error, pushed) => {
    if (error) return;
    pushed.on('error', () => {});
    pushed.respond({ ':status': 200, 'content-length': String(Buffer.byteLength(body)) });
    pushed.end(body);
  });
}

function pairs(raw: string[]): HeaderPairs {
  const list: HeaderPairs = [];
  for (let i = 0; i + 1 < raw.length; i += 2) list.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return list;
}
