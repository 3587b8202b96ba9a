import type { ClientResult, ClientSpec } from '../../protos/control/fault-client.ts';

/** This side's view of a failure in words, with the system's own code; empty where there is none. */
export function failureText(spec: ClientSpec, { outcome, error, sockets }: ClientResult): string {
  if (outcome === 'ok' || error === null) return '';
  const { code, message, phase } = error;
  if (outcome === 'timeout')
    return `this client gave up in phase ${phase}; --timeout-ms sets how long it waits`;
  if (sockets.length === 0) return `${unreachable(spec, code) ?? message} (${code})`;
  if (code === 'ECONNRESET' && phase === 'tls') return 'the connection ended before TLS stood (ECONNRESET)';
  return `this client: ${phase}: ${message} (${code})`;
}

function unreachable({ target, bind }: ClientSpec, code: string): string | null {
  switch (code) {
    case 'ECONNREFUSED':
      return `nobody listens on ${target}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host of ${target} is not known`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${target} cannot be reached`;
    case 'EADDRNOTAVAIL':
      return bind === undefined ? null : `--bind ${bind} is no address of this machine`;
    default:
      return null;
  }
}
