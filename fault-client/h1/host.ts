import type { ClientSpec } from '../../protos/control/fault-client.ts';

/** What Host and :authority say: the name asked for by SNI, else the target. */
export function hostOf(spec: ClientSpec): string {
  return spec.tls?.servername || (spec.tls ? 'localhost' : spec.target);
}
