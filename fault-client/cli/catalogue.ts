import type { Fault } from '../faults/fault.ts';
import { faults, findFault } from '../faults/registry.ts';

export const layers = ['proxy', 'tcp', 'tls', 'h1', 'h2'] as const;

/** One line per fault, by layer. */
export function listFaults(layer?: string): string {
  if (layer !== undefined && !layers.includes(layer as Fault['layer']))
    throw new Error(`no layer "${layer}"; there are: ${layers.join(', ')}`);
  const shown = faults.filter((fault) => layer === undefined || fault.layer === layer);
  const width = Math.max(...shown.map(({ id }) => id.length)) + 2;
  return shown.map((fault) => `${fault.id.padEnd(width)}${fault.summary}`).join('\n');
}

export function describeFault(id: string): string {
  const fault = findFault(id);
  return [
    `${fault.id} (${fault.layer})`,
    `  does:           ${fault.summary}`,
    `  peer must see:  ${fault.peerMustSee}`,
    `  rule:           ${fault.spec ?? 'none'}`,
    '  parameters:',
    ...parameterLines(fault).map((line) => `    ${line}`),
  ].join('\n');
}

function parameterLines(fault: Fault): string[] {
  const lines = parameters(fault).map(
    ({ name, fallback, about }) => `${name} (default ${JSON.stringify(fallback)})${about ? ` ${about}` : ''}`,
  );
  return lines.length === 0 ? ['none'] : lines;
}

export type Parameter = { name: string; fallback: unknown; about: string };

/** Name, default and words of each parameter, from its schema. */
export function parameters(fault: Fault): Parameter[] {
  return Object.entries(fault.params.properties as Record<string, Record<string, unknown>>).map(
    ([name, schema]) => {
      const choices = Array.isArray(schema.enum) ? `one of ${schema.enum.join(', ')}` : '';
      return {
        name,
        fallback: schema.default,
        about: [schema.description, choices].filter(Boolean).join(' '),
      };
    },
  );
}
