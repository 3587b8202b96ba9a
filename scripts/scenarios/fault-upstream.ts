/** The product's own fault-server as an upstream, started from its command line. */
import { fileURLToPath } from 'node:url';
import type { Lab } from './lab.ts';
import { grpcListener } from './listeners.ts';

const program = fileURLToPath(new URL('../../fault-server/bin.mjs', import.meta.url));

/**
 * `what` is the fault with its parameters, as `--fault` takes it; null is a healthy service over TLS, of gRPC or of HTTP by ALPN.
 */
export async function startFaultServer(
  lab: Lab,
  what: string | null,
  healthy: 'grpc' | 'http' = 'grpc',
): Promise<number> {
  const port = await lab.port();
  const well = [healthy === 'grpc' ? '--grpc-tls' : '--tls', String(port)];
  const endpoint = what === null ? well : ['--fault', what, '--port', String(port), '--with-tls'];
  const args = [program, ...endpoint, '--certs', lab.certs];
  await lab.program('fault-server', process.execPath, args, port);
  return port;
}

/** The port of a listener for gRPC in front of it; `policy` as the configuration has it. */
export async function startEdge(
  lab: Lab,
  what: string | null,
  policy: Record<string, unknown> = {},
): Promise<number> {
  const upstream = await startFaultServer(lab, what);
  const proxy = await lab.proxy([{ ...grpcListener(lab, 'edge', upstream), policy }]);
  return proxy.port('edge');
}
