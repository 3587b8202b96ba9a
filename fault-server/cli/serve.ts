import { once } from 'node:events';
import type { EndpointSpec, ServerObservation } from '../../protos/control/fault-server.ts';
import { openEndpoint } from '../endpoints/endpoint.ts';
import type { Identities } from '../endpoints/identities.ts';
import { observationText } from './observation-text.ts';

/**
 * Serves endpoints for people until SIGINT or SIGTERM: a line for each endpoint that is ready, then a line for each
 * thing that happens. Rejects, with everything closed, when an endpoint cannot be opened.
 */
export async function serve(
  specs: EndpointSpec[],
  identities: Identities,
  print: (text: string) => void,
  json: boolean,
): Promise<void> {
  let conn = 0;
  const observe = (observation: ServerObservation) =>
    print(
      json ? `${JSON.stringify({ type: 'observation', ...observation })}\n` : observationText(observation),
    );
  const context = { identities, observe, nextConn: () => ++conn };
  const opened: { close(): Promise<void> }[] = [];
  try {
    for (const spec of specs) {
      const { name, host, port, close } = await openEndpoint(spec, context);
      opened.push({ close });
      const what = spec.fault ? `fault ${spec.fault.id}` : spec.kind;
      const tls = spec.tls ? (spec.tls.clientCert === 'require' ? ' mtls' : ' tls') : '';
      print(
        json
          ? `${JSON.stringify({ type: 'endpoint', name, host, port, kind: spec.kind, tls: tls.trim() })}\n`
          : `ready ${name} ${host}:${port} ${what}${tls}\n`,
      );
    }
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  } finally {
    await Promise.all(opened.map(({ close }) => close()));
  }
}
