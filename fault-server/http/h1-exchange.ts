import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import type { Exchange, HeaderPairs } from './exchange.ts';
import { observeRequest, responseOf, sendBody } from './exchange-log.ts';

export function h1Exchange(
  connection: ServerConnection,
  req: IncomingMessage,
  res: ServerResponse,
): Exchange {
  const method = req.method ?? '';
  const path = req.url ?? '';
  const headers = pairs(req.rawHeaders);
  observeRequest(
    connection,
    { protocol: 'h1', method, path, authority: req.headers.host ?? null, headers, stream_id: null },
    req,
    () => req.complete,
    () => pairs(req.rawTrailers),
  );
  return {
    protocol: 'h1',
    method,
    path,
    headers,
    body: req,
    connection,
    push: null,
    inform: (status, fields) => {
      if (status === 103) res.writeEarlyHints({ link: '', ...fields });
      else res.writeProcessing();
    },
    answer: ({ status, headers: fields = {}, body, trailers, untilClose }) => {
      if (untilClose) {
        res.useChunkedEncodingByDefault = false;
        res.shouldKeepAlive = false;
      }
      const known = typeof body === 'string' || Buffer.isBuffer(body);
      const length: Record<string, string> = known
        ? { 'content-length': String(Buffer.byteLength(body)) }
        : {};
      const announced: Record<string, string> = trailers ? { trailer: Object.keys(trailers).join(', ') } : {};
      // Trailers need chunked framing (RFC 9112 7.1.2).
      res.writeHead(status, { ...(trailers ? {} : length), ...announced, ...fields });
      if (trailers) res.addTrailers(trailers);
      if (body === undefined || method === 'HEAD') {
        res.end(() => connection.observe(responseOf(status, null, null)));
        return;
      }
      sendBody(body, res, { status, stream_id: null }, (observed) => connection.observe(observed));
    },
    truncate: (whole) => {
      const half = whole.subarray(0, whole.length >> 1);
      res.writeHead(200, { 'content-length': String(whole.length) });
      res.write(half, () => {
        connection.observe(responseOf(200, null, half));
        connection.end();
      });
    },
    closeEarly: () => connection.end(),
    reset: () => connection.reset(),
  };
}

function pairs(raw: string[]): HeaderPairs {
  const list: HeaderPairs = [];
  for (let i = 0; i + 1 < raw.length; i += 2) list.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return list;
}
