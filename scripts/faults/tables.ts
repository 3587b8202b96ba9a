/**
 * Writes the tables of faults into the READMEs of fault-server and fault-client, as the programs list them. With `--check`
 * it writes nothing and exits 1 when a table is not the one that the faults make.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type FaultProgram, faultPrograms, faultsOf, type ListedFault } from './catalogue.ts';

const begin = '<!-- faults: written by npm run faults -->';
const end = '<!-- faults: end -->';

for (const program of faultPrograms) {
  const path = fileURLToPath(new URL(`../../${program}/README.md`, import.meta.url));
  const readme = readFileSync(path, 'utf8');
  const current = withTable(readme, program);
  if (current === readme) continue;
  if (process.argv.includes('--check')) {
    console.error(`${program}/README.md does not show the faults there are: npm run faults`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, current);
    console.log(`wrote the table of faults into ${program}/README.md`);
  }
}

function withTable(readme: string, program: FaultProgram): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${program}/README.md has lost the marks ${begin} and ${end}`);
  return `${readme.slice(0, from + begin.length)}\n\n${table(faultsOf(program))}\n${readme.slice(to)}`;
}

function table(faults: ListedFault[]): string {
  const rows = faults.map((fault) => [
    `\`${fault.id}\``,
    fault.layer,
    fault.summary,
    fault.peerMustSee,
    parameters(fault),
    fault.spec ?? '',
  ]);
  const head = [
    '| fault | layer | what it does | what a peer must see | parameters | spec |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  const lines = rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  return `${[...head, ...lines].join('\n')}\n`;
}

/** `code=2`, and of what else it can be where that is a short list. */
function parameters({ params }: ListedFault): string {
  return Object.entries(params.properties)
    .map(([name, property]) => {
      const value = property.default === undefined ? '' : written(property.default);
      const others = property.enum?.filter((other) => other !== property.default) ?? [];
      return `\`${name}=${value}\`${others.length > 0 && others.length < 4 ? ` or ${others.join(', ')}` : ''}`;
    })
    .join('<br>');
}

/** A list or a map as JSON, anything else as it is. */
function written(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
