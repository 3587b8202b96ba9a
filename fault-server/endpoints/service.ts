import type { EndpointSpec } from '../../protos/control/fault-server.ts';
import { httpService } from '../http/http-service.ts';
import type { ServerConnection } from './server-connection.ts';

/** A well-behaved protocol over a connection; one per endpoint. */
export type Service = {
  /** What ALPN offers when the endpoint does not say. */
  alpn: string[];
  serve(connection: ServerConnection): void;
  close(): void;
};

export async function serviceOf(spec: EndpointSpec): Promise<Service | null> {
  if (spec.kind === 'http') return httpService(spec);
  // grpc-js is loaded by the endpoints that need it alone: it costs a fifth of a second.
  if (spec.kind === 'grpc') return (await import('../grpc/grpc-service.ts')).grpcService();
  return null;
}
