import type { Static, TObject } from 'typebox';
import { Type } from '../../protos/schema/type.ts';
import { Meter } from '../endpoints/meter.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import { type Fault, fault } from '../faults/fault.ts';
import { type H1Request, readH1Requests } from './h1-peer.ts';

/** How a fault answers one whole request. */
export type H1Answer = {
  request: H1Request;
  connection: ServerConnection;
  /** Writes these bytes as they are; text is latin1. */
  write(bytes: string | Buffer, done?: () => void): void;
  /** Observes an answer of this status whose body, as far as it was sent, was this. */
  answered(status: number, body?: string | Buffer): void;
  /** Says what the fault did. */
  fired(detail: string): void;
};

/** Declares a fault that answers every whole HTTP/1.1 request by bytes of its own. */
export function h1Fault<P extends TObject = TObject<Record<never, never>>>(
  declared: Pick<Fault, 'id' | 'summary' | 'peerMustSee' | 'spec'> & {
    params?: P;
    /** Called as soon as the header of a request came, before its body. */
    atHead?(answer: H1Answer, params: Static<P>): void;
    answer(answer: H1Answer, params: Static<P>): void;
  },
): Fault {
  const { answer, atHead, params, ...rest } = declared;
  return fault({
    ...rest,
    layer: 'h1',
    stage: 'app',
    perRequest: 'h1',
    params: (params ?? Type.Object({}, { additionalProperties: false })) as P,
    run(connection, given, setting) {
      const spared = new WeakSet<H1Request>();
      let bytes = 0;
      connection.stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      readH1Requests(
        connection,
        (request) => {
          const exchange = h1Answer(connection, request, rest.id);
          if (spared.has(request)) answerWell(exchange);
          else answer(exchange, given);
        },
        (request) => {
          const exchange = h1Answer(connection, request, rest.id);
          if (setting.chooses({ path: request.path, bytes, frames: 0 })) {
            atHead?.(exchange, given);
            return;
          }
          spared.add(request);
          // A client that asks first waits for this (RFC 9110 10.1.1).
          if (
            request.headers.some(([name, value]) => /^expect$/i.test(name) && /^100-continue$/i.test(value))
          )
            exchange.write('HTTP/1.1 100 Continue\r\n\r\n');
        },
      );
    },
  });
}

/** To a request that the fault is not for. */
function answerWell({ request, write, answered }: H1Answer): void {
  const body = request.method === 'HEAD' ? '' : 'ok\n';
  write(wholeAnswer('ok\n').slice(0, body === '' ? -3 : undefined));
  answered(200, body);
}

/** A plain, whole answer. */
export function wholeAnswer(body = 'ok\n', extra = ''): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n${extra}\r\n${body}`;
}

export function h1Answer(connection: ServerConnection, request: H1Request, id: string): H1Answer {
  return {
    request,
    connection,
    write: (bytes, done) => {
      const { stream } = connection;
      if (stream.writable)
        stream.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, done);
    },
    answered: (status, body = '') => {
      const meter = new Meter();
      meter.add(body);
      connection.observe({
        observation: 'response',
        status,
        stream_id: null,
        body_bytes: meter.bytes,
        body_sha256: meter.sha256(),
      });
    },
    fired: (detail) => connection.fault(id, detail),
  };
}
