import http from 'node:http';
import type net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RequestSpec } from '../../protos/control/fault-client.ts';
import type { HttpSession, StartedRequest } from '../modes/http-session.ts';
import { type Exchange, headerPairs } from '../run/exchange.ts';
import { bodyBytes, bodyPieces } from '../run/request-body.ts';
import { RunError } from '../run/run-error.ts';
import { requestHeaders, requestMethod, requestPath } from './request-head.ts';

/** HTTP/1.1 by node:http over a socket of ours, kept alive from one request to the next. */
export function h1Session(stream: net.Socket, host: string): HttpSession {
  const agent = oneSocketAgent(stream);
  let peerWillEnd = false;
  const onClosing = (): void => {
    peerWillEnd = true;
  };
  return {
    start: (request, exchange) => start(request, exchange, agent, host, onClosing),
    peerWillEnd: () => peerWillEnd,
    close: () => void stream.end(),
  };
}

/**
 * Only as much of an agent as ClientRequest asks for. node:http's own destroys a kept socket at the first sign of life from
 * the peer, so that the peer's FIN could not be told from its RST.
 */
function oneSocketAgent(stream: net.Socket): http.Agent {
  // Between two requests nobody else reads, and an end that is not read is not seen.
  stream.on('free', () => stream.resume());
  const agent = {
    defaultPort: 443,
    protocol: 'http:',
    keepAlive: true,
    addRequest: (request: http.ClientRequest) => {
      if (stream.writable && !stream.readableEnded) request.onSocket(stream);
      else
        request.destroy(
          new RunError('request', 'CONNECTION_ENDED', 'the connection is over; no second one is made'),
        );
    },
  };
  return agent as unknown as http.Agent;
}

function start(
  request: RequestSpec,
  exchange: Exchange,
  agent: http.Agent,
  host: string,
  onClosing: () => void,
): StartedRequest {
  const sent = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const headers = requestHeaders(request, host);
  const outgoing = http.request({
    agent,
    method: requestMethod(request),
    path: requestPath(request),
    headers: headers.flat(),
    setDefaultHeaders: false,
  });
  const failed = (error: unknown): void => {
    exchange.fail(error);
    sent.resolve();
    answered.resolve();
  };
  outgoing.on('error', failed);
  outgoing.on('finish', () => void nextTurn().then(sent.resolve));
  outgoing.on('information', ({ statusCode }) => exchange.informational.push(statusCode));
  outgoing.on('response', (incoming) => {
    sent.resolve();
    // After "Connection: close" node:http would end the socket by itself; the end of this one is an observation.
    if (!outgoing.shouldKeepAlive) onClosing();
    outgoing.shouldKeepAlive = true;
    readAnswer(incoming, exchange).then(answered.resolve, failed);
  });
  outgoing.on('upgrade', (incoming, socket, head) => {
    takeHead(incoming, exchange);
    sent.resolve();
    echo(request, exchange, socket as net.Socket, head).then(answered.resolve, failed);
  });
  sendBody(outgoing, request, exchange, headers);
  return { sent: sent.promise, answered: answered.promise };
}

/** With `Expect: 100-continue` the body waits for the word (RFC 9110 10.1.1); with `Upgrade` it belongs to what follows. */
function sendBody(
  outgoing: http.ClientRequest,
  request: RequestSpec,
  exchange: Exchange,
  headers: [string, string][],
): void {
  const named = (name: string): string | undefined =>
    headers.find(([key]) => key.toLowerCase() === name)?.[1]?.toLowerCase();
  if (named('upgrade')) {
    outgoing.end();
    return;
  }
  const write = (): void => {
    for (const piece of bodyPieces(request)) {
      exchange.sent(piece);
      outgoing.write(piece);
    }
    if (request.trailers) outgoing.addTrailers(request.trailers);
    outgoing.end();
  };
  if (named('expect') === '100-continue') {
    outgoing.flushHeaders();
    outgoing.once('continue', write);
    // A final status instead: the body is not sent.
    outgoing.once('response', () => outgoing.off('continue', write));
  } else write();
}

function takeHead(incoming: http.IncomingMessage, exchange: Exchange): void {
  exchange.status = incoming.statusCode ?? null;
  exchange.headers = headerPairs(incoming.rawHeaders);
}

async function readAnswer(incoming: http.IncomingMessage, exchange: Exchange): Promise<void> {
  takeHead(incoming, exchange);
  try {
    for await (const chunk of incoming) exchange.received(chunk as Buffer);
    exchange.complete = incoming.complete;
    exchange.trailers = headerPairs(incoming.rawTrailers);
    if (!incoming.complete) throw new RunError('response', 'TRUNCATED', 'the answer ended before its length');
  } catch (error) {
    exchange.complete = false;
    throw error;
  }
}

/** After 101: send the body and wait for as many bytes back. */
function echo(request: RequestSpec, exchange: Exchange, socket: net.Socket, head: Buffer): Promise<void> {
  const expected = bodyBytes(request);
  return new Promise((resolve, reject) => {
    const take = (chunk: Buffer): void => {
      exchange.received(chunk);
      if (exchange.bodyBytes < expected) return;
      exchange.complete = true;
      resolve();
    };
    socket.on('data', take);
    socket.once('end', () =>
      reject(new RunError('response', 'TRUNCATED', 'ended before the whole echo came')),
    );
    socket.once('error', reject);
    if (head.length > 0 || expected === 0) take(head);
    for (const piece of bodyPieces(request)) {
      exchange.sent(piece);
      socket.write(piece);
    }
  });
}
