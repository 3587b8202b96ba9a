/** Real exporters of OpenTelemetry, each with one span to send, and receivers that take it. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as HttpExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Lab } from './lab.ts';

const TIMEOUT_MS = 3000;

/** What the gRPC exporter says of one span: `sent`, or its error. */
export async function exportByGrpc(lab: Lab, port: number, secure: boolean): Promise<string> {
  const exporter = new GrpcExporter({
    url: `${secure ? 'https' : 'http'}://localhost:${port}`,
    credentials: secure
      ? credentials.createSsl(readFileSync(`${lab.certs}/ca.crt`))
      : credentials.createInsecure(),
    timeoutMillis: TIMEOUT_MS,
  });
  return outcomeOf(exporter);
}

/** The same over OTLP/HTTP with JSON. */
export async function exportByHttp(port: number): Promise<string> {
  return outcomeOf(
    new HttpExporter({ url: `http://127.0.0.1:${port}/v1/traces`, timeoutMillis: TIMEOUT_MS }),
  );
}

async function outcomeOf(exporter: GrpcExporter | HttpExporter): Promise<string> {
  const memory = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: memory })] });
  provider.getTracer('story').startSpan('story').end();
  const spans = memory.getFinishedSpans();
  if (spans.length !== 1) throw new Error('no span to send');
  const outcome = await new Promise<string>((resolve) => {
    exporter.export(spans, ({ code, error }) =>
      resolve(code === 0 ? 'sent' : (error?.message ?? 'not sent, without an error')),
    );
  });
  await exporter.shutdown();
  return outcome;
}

/** A collector's gRPC receiver over TLS: takes every Export and answers with an empty message. */
export async function startGrpcCollector(lab: Lab): Promise<{ port: number; received(): number }> {
  const server = new Server();
  let received = 0;
  const bytes = (buffer: Buffer) => buffer;
  server.addService(
    {
      Export: {
        path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: bytes,
        requestDeserialize: bytes,
        responseSerialize: bytes,
        responseDeserialize: bytes,
      },
    },
    {
      Export: (_call: unknown, answer: (error: null, reply: Buffer) => void) => {
        received += 1;
        answer(null, Buffer.alloc(0));
      },
    },
  );
  const pair = {
    private_key: readFileSync(`${lab.certs}/server.key`),
    cert_chain: readFileSync(`${lab.certs}/server.crt`),
  };
  const secure = ServerCredentials.createSsl(null, [pair]);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', secure, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  lab.ends(() => server.forceShutdown());
  return { port, received: () => received };
}

/** A collector's HTTP receiver. */
export async function startHttpCollector(lab: Lab): Promise<{ port: number; received(): number }> {
  let received = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      received += 1;
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  lab.ends(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, received: () => received };
}
