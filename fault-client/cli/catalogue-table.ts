import { faults } from '../faults/registry.ts';
import { parameters } from './catalogue.ts';

/** The README's table of faults in Markdown; a test holds the two together. */
export function catalogueTable(): string {
  const rows = faults.map((fault) => {
    const given = parameters(fault).map(({ name, fallback }) => `${name}=${fallback}`);
    const cells = [
      `\`${fault.id}\``,
      fault.layer,
      fault.summary,
      fault.peerMustSee,
      given.map((one) => `\`${one}\``).join(' '),
      fault.spec ?? '',
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '| fault | layer | what it does | what a correct peer sees | parameters | rule |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
