import type net from 'node:net';
import type { RequestSpec } from '../../protos/control/fault-client.ts';
import type { HttpSession } from '../modes/http-session.ts';
import { Exchange } from '../run/exchange.ts';
import { bodyPieces, isChunked } from '../run/request-body.ts';
import { RunError } from '../run/run-error.ts';
import { requestHeaders, requestMethod, requestPath } from './request-head.ts';
import { ResponseReader } from './response-reader.ts';

type Waiting = { exchange: Exchange; head: boolean; resolve: () => void };

/** Requests written without waiting for answers (RFC 9112 9.3.2), which node:http does not do. */
export function pipelineSession(stream: net.Socket, host: string): HttpSession {
  const sent: Waiting[] = [];
  let answered = 0;
  const reader = new ResponseReader(
    // An answer nobody asked for is read and left alone.
    () => sent[reader.answers.length]?.exchange ?? new Exchange(),
    (index) => sent[index]?.head === true,
  );
  const settle = (): void => {
    while (answered < reader.whole && answered < sent.length) sent[answered++]!.resolve();
  };
  const failRest = (error: Error): void => {
    for (const waiting of sent.slice(answered)) {
      waiting.exchange.fail(error);
      waiting.resolve();
    }
    answered = sent.length;
  };
  stream.on('data', (chunk: Buffer) => {
    reader.push(chunk);
    settle();
    const broken = reader.answers.find((answer) => answer.error !== null);
    if (broken) failRest(new RunError('response', broken.error!.code, broken.error!.message));
  });
  stream.on('end', () => {
    reader.end();
    settle();
    failRest(new RunError('response', 'TRUNCATED', 'the connection ended before the answer was whole'));
  });
  stream.on('error', failRest);
  stream.on('close', () => failRest(new RunError('response', 'CONNECTION_ENDED', 'the connection is over')));
  return {
    start: (request, exchange) => {
      const done = Promise.withResolvers<void>();
      sent.push({ exchange, head: requestMethod(request) === 'HEAD', resolve: done.resolve });
      const written = new Promise<void>((resolve) => {
        stream.write(requestBytes(request, exchange, host), () => resolve());
      });
      return { sent: written, answered: done.promise };
    },
    close: () => void stream.end(),
  };
}

function requestBytes(request: RequestSpec, exchange: Exchange, host: string): Buffer {
  const headers = requestHeaders(request, host).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${requestMethod(request)} ${requestPath(request)} HTTP/1.1\r\n${headers.join('')}\r\n`;
  const parts: Buffer[] = [Buffer.from(head, 'latin1')];
  const chunked = isChunked(request);
  for (const piece of bodyPieces(request)) {
    exchange.sent(piece);
    if (chunked) parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    else parts.push(piece);
  }
  if (chunked) {
    const trailers = (request.trailers ?? []).map(([name, value]) => `${name}: ${value}\r\n`).join('');
    parts.push(Buffer.from(`0\r\n${trailers}\r\n`, 'latin1'));
  }
  return Buffer.concat(parts);
}
