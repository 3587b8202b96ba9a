import type { TSchema } from 'typebox';
import type { Fault } from '../faults/fault.ts';
import { faults, findFault } from '../faults/registry.ts';

/** The faults, of one layer or of all, as text grouped by layer or as a JSON array. Throws on an unknown layer. */
export function listFaults(layer: string | undefined, json: boolean): string {
  const layers = [...new Set(faults.map((fault) => fault.layer))];
  if (layer !== undefined && !layers.some((known) => known === layer)) {
    throw new Error(`unknown layer "${layer}" (${layers.join(', ')})`);
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
  return [
    `${fault.id} (${fault.layer})`,
    `  does       ${fault.summary}`,
    `  peer sees  ${fault.peerMustSee}`,
    `  spec       ${fault.spec ?? '-'}`,
    ...(params.length > 0 ? ['  parameters'] : ['  parameters none']),
    ...params.map(({ name, type, fallback, about }) => `    ${name}=${fallback}  ${type}  ${about}`),
    `  example    fault-server --fault ${fault.id}${params
      .slice(0, 1)
      .map(({ name, fallback }) => `,${name}=${fallback}`)
      .join('')} --port 0${fault.layer === 'tls' ? ' --with-tls' : ''}`,
    '',
  ].join('\n');
}

/** The parameters of a fault in words. */
export function paramsOf(fault: Fault): { name: string; type: string; fallback: string; about: string }[] {
  return Object.entries(fault.params.properties).map(([name, given]) => {
    const schema = given as TSchema & {
      type?: string;
      enum?: string[];
      default?: unknown;
      description?: string;
    };
    return {
      name,
      type: schema.enum ? schema.enum.join('|') : (schema.type ?? 'any'),
      fallback: String(schema.default ?? ''),
      about: schema.description ?? '',
    };
  });
}

function entry(fault: Fault): string {
  const params = paramsOf(fault)
    .map(({ name, fallback }) => `${name}=${fallback}`)
    .join(',');
  return `  ${fault.id}${params === '' ? '' : `  [${params}]`}\n      ${fault.summary}\n      peer: ${fault.peerMustSee}\n`;
}

function plain({ id, layer, summary, params, peerMustSee, spec }: Fault): object {
  return { id, layer, summary, peerMustSee, spec, params };
}
