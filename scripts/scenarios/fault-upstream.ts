/** The product's own fault-server as an upstream, started from its command line. */
import { fileURLToPath } from 'node:url';
import type { Lab } from './lab.ts';

const program = fileURLToPath(new URL('../../fault-server/bin.mjs', import.meta.url));

/** `what` is the fault with its parameters, as `--fault` takes it; null is a healthy gRPC service over TLS. */
export async function startFaultServer(
  lab: Lab,
  what: string | null,
  name = 'fault-server',
): Promise<number> {
  const port = await lab.port();
  const endpoint =
    what === null
      ? [healthy === 'grpc' ? '--grpc-tls' : '--tls', String(port)]
      : ['--fault', what, '--port', String(port), '--with-tls'];
  await lab.program('fault-server', process.execPath, [program, ...endpoint, '--certs', lab.certs], port);
  return port;
}
