import type { TObject } from 'typebox';
import { ClientLimits } from '../../protos/control/fault-limits.ts';
import { didYouMean } from '../../protos/text/nearest.ts';
import type { Fault } from '../faults/fault.ts';
import { faults, findFault } from '../faults/registry.ts';

export const layers = ['proxy', 'tcp', 'tls', 'h1', 'h2', 'grpc'] as const;

/** One line per fault, by layer; or a JSON array. */
export function listFaults(layer: string | undefined, json: boolean): string {
  if (layer !== undefined && !layers.includes(layer as Fault['layer']))
    throw new Error(
      `unknown layer "${layer}": ${didYouMean(layer, layers)}write one of ${layers.join(', ')}`,
    );
  const shown = faults.filter((fault) => layer === undefined || fault.layer === layer);
  if (json) return JSON.stringify(shown.map(plain), null, 2);
  const width = Math.max(...shown.map(({ id }) => id.length)) + 2;
  return layers
    .map((name) => shown.filter((fault) => fault.layer === name))
    .filter((members) => members.length > 0)
    .map((members) => [
      members[0]!.layer,
      ...members.map((fault) => `  ${fault.id.padEnd(width)}${fault.summary}`),
    ])
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

export function describeFault(id: string, json: boolean): string {
  const fault = findFault(id);
  if (json) return JSON.stringify(plain(fault), null, 2);
  const given = parameters(fault);
  const example = [id, ...given.slice(0, 1).map(({ name, fallback }) => `${name}=${fallback}`)].join(',');
  return [
    `${fault.id} (${fault.layer})`,
    `  does       ${fault.summary}`,
    `  how        ${how[fault.layer]}`,
    `  peer sees  ${fault.peerMustSee}`,
    `  spec       ${fault.spec ?? '-'}`,
    ...(given.length > 0 ? ['  parameters'] : ['  parameters none']),
    ...given.map(({ name, type, fallback, about }) => `    ${name}=${fallback}  ${type}  ${about}`.trimEnd()),
    '  limits (with --connections N)',
    ...parametersIn(ClientLimits).map(({ name, about }) => `    ${name}=  ${about}`),
    '  examples',
    `    fault-client --fault ${example} localhost:8443`,
    `    fault-client --fault ${id},nth=2 --connections 3 localhost:8443`,
  ].join('\n');
}

/** By which means: what of the connection this client writes with its own hands. */
const how: Record<Fault['layer'], string> = {
  proxy:
    'bytes on the TCP socket in place of a PROXY header; then TLS and a request where the header lets it',
  tcp: 'node:net: the connected socket itself, or a shaper around the bytes of a good request',
  tls: 'bytes on the TCP socket in place of a TLS client; or a TLS client of its own, honest but for the fault',
  h1: 'HTTP/1.1 bytes of its own, above TLS unless plaintext=true',
  h2: 'HTTP/2 frames of its own, above TLS (ALPN h2) unless plaintext=true',
  grpc: 'one call over HTTP/2 frames of its own, above TLS (ALPN h2) unless plaintext=true',
};

export type Parameter = { name: string; type: string; fallback: unknown; about: string };

/** Name, type, default and words of each parameter, from its schema. */
export function parameters(fault: Fault): Parameter[] {
  return parametersIn(fault.params);
}

function parametersIn(schema: TObject): Parameter[] {
  return Object.entries(schema.properties as Record<string, Record<string, unknown>>).map(
    ([name, property]) => ({
      name,
      type: Array.isArray(property.enum) ? property.enum.join('|') : String(property.type ?? 'any'),
      fallback: property.default,
      about: String(property.description ?? ''),
    }),
  );
}

function plain(fault: Fault): object {
  const { id, layer, summary, params, peerMustSee, spec } = fault;
  const limits = Object.keys(ClientLimits.properties);
  return { id, layer, summary, how: how[layer], peerMustSee, spec, params, limits };
}
