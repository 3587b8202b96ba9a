/** The product's own fault-server as an upstream, started from its command line. */
import { fileURLToPath } from 'node:url';
import type { Lab } from './lab.ts';

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
