import type { ClientEvidence } from '../../run/evidence.ts';
import type { ConnectionView } from '../case-view.ts';

/**
 * Whether a client says itself that it left before it had read anything of an answer: nothing failed, nothing came, and it
 * ended first. What the other side sent by then it may not have read, nor anything behind it.
 */
export function gaveUp(client: ClientEvidence | null): boolean {
  const result = client?.result;
  if (!result || client.spec.fault || result.close.by !== 'self' || result.exchanges.length === 0)
    return false;
  return result.exchanges.every(
    ({ status, complete, rst_code, error, grpc_messages }) =>
      status === null && !complete && rst_code === null && error === null && !grpc_messages,
  );
}

/** The client gave up, and its server says too that it had not answered by then. */
export function leftUnanswered({ client, seen }: ConnectionView): boolean {
  return gaveUp(client) && seen.response.every(({ status }) => status === null);
}
