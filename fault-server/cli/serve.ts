import { once } from 'node:events';
import type { EndpointSpec, ServerObservation } from '../../protos/control/fault-server.ts';
import { openEndpoint } from '../endpoints/endpoint.ts';
import type { Identities } from '../endpoints/identities.ts';
import { faultParams } from '../faults/params.ts';
import { findFault } from '../faults/registry.ts';
import { observationText } from './observation-text.ts';
import { Outcomes } from './outcome.ts';
import { outcomeText } from './outcome-text.ts';

/**
 * `short`: a line for each connection of an endpoint with a fault, at its end; `verbose`: a line for each thing that
 * happens, as for healthy endpoints; `json`: all of it as lines of JSON.
 */
export type Style = 'short' | 'verbose' | 'json';

/**
 * Serves endpoints for people until SIGINT or SIGTERM: a line for each endpoint that is ready, then what happens on it.
 * Rejects, with everything closed, when an endpoint cannot be opened.
 */
export async function serve(
  specs: EndpointSpec[],
  identities: Identities,
  print: (text: string) => void,
  style: Style,
): Promise<void> {
  let conn = 0;
  const outcomes = new Outcomes();
  const withFault = new Set(specs.filter(({ fault }) => fault).map(({ name }) => name));
  const observe = (observation: ServerObservation) => {
    const outcome = outcomes.observe(observation);
    const short = style === 'short' && withFault.has(observation.endpoint);
    if (style === 'json') print(line({ type: 'observation', ...observation }));
    else if (!short) print(observationText(observation));
    if (outcome && style === 'json') print(line({ type: 'outcome', ...outcome }));
    else if (outcome && short) print(outcomeText(outcome));
  };
  const context = { identities, observe, nextConn: () => ++conn };
  const opened: { close(): Promise<void> }[] = [];
  try {
    for (const spec of specs) {
      const endpoint = await openEndpoint(spec, context);
      opened.push(endpoint);
      print(style === 'json' ? line(ready(spec, endpoint)) : readyText(spec, endpoint));
    }
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  } finally {
    await Promise.all(opened.map(({ close }) => close()));
  }
}

type Address = { name: string; host: string; port: number };

function ready(spec: EndpointSpec, { name, host, port }: Address): object {
  const endpoint = { type: 'endpoint', name, host, port, kind: spec.kind, tls: tlsText(spec) };
  if (!spec.fault) return endpoint;
  const { id, layer, summary, peerMustSee, spec: rule } = findFault(spec.fault.id);
  const params = faultParams(findFault(id), spec.fault.params);
  return {
    ...endpoint,
    fault: { id, layer, summary, peerMustSee, spec: rule, params, only: spec.fault.only ?? {} },
  };
}

/** What is going to happen: the fault, its parameters and limits, where, by which rule. */
function readyText(spec: EndpointSpec, { name, host, port }: Address): string {
  const tls = tlsText(spec);
  if (!spec.fault) return `ready ${name} ${host}:${port} ${spec.kind}${tls === '' ? '' : ` ${tls}`}\n`;
  const fault = findFault(spec.fault.id);
  const pairs = (values: object) =>
    Object.entries(values).map(([key, value]) => `${key}=${value === '' ? "''" : value}`);
  const params = pairs(faultParams(fault, spec.fault.params));
  const only = pairs(spec.fault.only ?? {});
  const what = [fault.id, ...params].join(' ');
  const limits = only.length > 0 ? `, only ${only.join(' ')},` : '';
  const transport = fault.stage === 'app' || fault.stage === 'stream' ? ` (${tls || 'plaintext'})` : '';
  const rule = fault.spec === null ? '' : ` [${fault.spec}]`;
  return `ready ${what}${limits} on ${host}:${port}${transport}: ${fault.summary}${rule}\n`;
}

function tlsText({ tls }: EndpointSpec): string {
  if (!tls) return '';
  if (tls.optional) return 'tls or plaintext';
  return tls.clientCert === 'require' ? 'mtls' : 'tls';
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
