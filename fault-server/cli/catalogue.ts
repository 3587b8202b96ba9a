import type { TObject, TSchema } from 'typebox';
import { FaultLimits, requestLimitNames } from '../../protos/control/fault-limits.ts';
import { didYouMean } from '../../protos/text/nearest.ts';
import type { Fault } from '../faults/fault.ts';
import { faults, findFault } from '../faults/registry.ts';

/** The faults, of one layer or of all, as text grouped by layer or as a JSON array. Throws on an unknown layer. */
export function listFaults(layer: string | undefined, json: boolean): string {
  const layers = [...new Set(faults.map((fault) => fault.layer))];
  if (layer !== undefined && !layers.some((known) => known === layer)) {
    throw new Error(
      `unknown layer "${layer}": ${didYouMean(layer, layers)}write one of ${layers.join(', ')}`,
    );
  }
  const chosen = faults.filter((fault) => layer === undefined || fault.layer === layer);
  if (json) return `${JSON.stringify(chosen.map(plain), null, 2)}\n`;
  return layers
    .map((name) => ({ name, members: chosen.filter((fault) => fault.layer === name) }))
    .filter(({ members }) => members.length > 0)
    .map(({ name, members }) => `${name}\n${members.map(entry).join('')}`)
    .join('\n');
}

/** Everything about one fault. Throws when there is none of that id. */
export function describeFault(id: string, json: boolean): string {
  const fault = findFault(id);
  if (json) return `${JSON.stringify(plain(fault), null, 2)}\n`;
  const params = paramsOf(fault);
  const limits = limitsOf(fault);
  return [
    `${fault.id} (${fault.layer})`,
    `  does       ${fault.summary}`,
    `  how        ${how(fault)}`,
    `  peer sees  ${fault.peerMustSee}`,
    `  spec       ${fault.spec ?? '-'}`,
    ...(params.length > 0 ? ['  parameters'] : ['  parameters none']),
    ...params.map(
      ({ name, type, fallback, about }) =>
        `    ${name}=${fallback === '' ? "''" : fallback}  ${type}  ${about}`,
    ),
    ...(limits.length > 0 ? ['  limits'] : []),
    ...limits.map(({ name, about }) => `    ${name}=  ${about}`),
    '  examples',
    `    fault-server --fault ${[fault.id, ...params.slice(0, 1).map(({ name, fallback }) => `${name}=${fallback}`)].join(',')} --port 8443`,
    ...(limits.length > 0 ? [`    fault-server --fault ${fault.id},nth=3 --port 8443`] : []),
    '',
  ].join('\n');
}

type Parameter = { name: string; type: string; fallback: string; about: string };

/** The parameters of a fault in words. */
export function paramsOf(fault: Fault): Parameter[] {
  return parametersIn(fault.params);
}

/** The limits that can apply to a fault. */
function limitsOf(fault: Fault): Parameter[] {
  if (fault.listen) return [];
  return parametersIn(FaultLimits).filter(({ name }) => {
    // A seed of its own is told among its parameters, and is for both.
    if (name === 'seed' && name in fault.params.properties) return false;
    if (!requestLimitNames.includes(name as never)) return true;
    return fault.perRequest === 'h2' || (fault.perRequest === 'h1' && name !== 'after_frames');
  });
}

function parametersIn(schema: TObject): Parameter[] {
  return Object.entries(schema.properties).map(([name, given]) => {
    const property = given as TSchema & {
      type?: string;
      enum?: string[];
      default?: unknown;
      description?: string;
    };
    return {
      name,
      type: property.enum ? property.enum.join('|') : (property.type ?? 'any'),
      fallback: String(property.default ?? ''),
      about: property.description ?? '',
    };
  });
}

/** By which means: what of the connection this server writes with its own hands. */
function how({ stage, layer, perRequest, listen }: Fault): string {
  if (listen) return 'a listening socket of a process of its own';
  if (stage === 'accept') return 'node:net: the accepted socket, before a byte is read';
  if (stage === 'stream')
    return 'a shaper around the bytes of a healthy server; its paths are the usual ones';
  if (stage === 'bytes') return 'bytes on the TCP socket, after the PROXY header and below TLS';
  if (layer === 'h1' || perRequest === 'h1')
    return 'HTTP/1.1 bytes of its own, above TLS where the client speaks it';
  if (layer === 'tls') return "bytes above and below a TLS session of Node's";
  return 'HTTP/2 frames of its own, above TLS where the client speaks it';
}

function entry(fault: Fault): string {
  const params = paramsOf(fault)
    .map(({ name, fallback }) => `${name}=${fallback}`)
    .join(',');
  return `  ${fault.id}${params === '' ? '' : `  [${params}]`}\n      ${fault.summary}\n      peer: ${fault.peerMustSee}\n`;
}

function plain(fault: Fault): object {
  const { id, layer, summary, params, peerMustSee, spec } = fault;
  const limits = limitsOf(fault).map(({ name }) => name);
  return { id, layer, summary, how: how(fault), peerMustSee, spec, params, limits };
}
