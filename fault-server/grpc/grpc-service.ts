import type { Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { fileURLToPath } from 'node:url';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import type { Service } from '../endpoints/service.ts';
import { prepareCompression } from './call-compression.ts';
import { greeter } from './greeter.ts';
import { observeCall } from './observe-call.ts';
import { testService } from './test-service.ts';

/** Native gRPC by @grpc/grpc-js: helloworld.Greeter and grpc.testing.TestService. */
export function grpcService(): Service {
  const server = new Server({
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    // A peer decides when its connection ends.
    'grpc.keepalive_time_ms': 2 ** 31 - 1,
  });
  const root = loadPackageDefinition(
    loadSync(['helloworld.proto', 'grpc/testing/test.proto'], {
      includeDirs: [fileURLToPath(new URL('../../protos', import.meta.url))],
      keepCase: true,
      longs: Number,
      defaults: true,
      oneofs: true,
    }),
  ) as unknown as {
    helloworld: { Greeter: ServiceClientConstructor };
    grpc: { testing: { TestService: ServiceClientConstructor } };
  };
  server.addService(root.helloworld.Greeter.service, greeter);
  server.addService(root.grpc.testing.TestService.service, testService);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const sessions = injectedSessions(server);
  return {
    alpn: ['h2'],
    serve: (connection) => {
      sessions.once('session', (session: ServerHttp2Session) => observeSession(connection, session));
      injector.injectConnection(connection.stream);
    },
    close: () => {
      injector.destroy();
      server.forceShutdown();
    },
  };
}

/**
 * The HTTP/2 server behind the injector. grpc-js keeps it private, and tells its users neither of bytes nor of calls
 * that were cut; the injector hands every connection to it synchronously.
 */
function injectedSessions(server: Server): Http2Server {
  const [http2Server] = (
    server as unknown as { http2Servers: Map<Http2Server, unknown> }
  ).http2Servers.keys();
  if (!http2Server) throw new Error('this release of @grpc/grpc-js keeps its HTTP/2 servers elsewhere');
  return http2Server;
}

function observeSession(connection: ServerConnection, session: ServerHttp2Session): void {
  // Before grpc-js, which takes the metadata of the call from the same object of header fields.
  session.prependListener('stream', (stream: ServerHttp2Stream, headers, _flags, rawHeaders: unknown) =>
    observeCall(connection, stream, rawHeaders as string[], prepareCompression(stream, headers)),
  );
  session.on('goaway', () => connection.peerLeaves());
  session.on('error', () => {});
  // A peer that is gone gets no more answers: a call it never finished would hold a graceful close open for ever.
  connection.stream.once('end', () => session.destroy());
  setImmediate(() => connection.stream.resume());
}
