import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { paramsOf } from './cli/catalogue.ts';
import { faults } from './faults/registry.ts';

/**
 * Writes the table of faults into README.md. With `--check` it writes nothing and ends with code 1 when the table there
 * is not the one the faults make.
 */
const path = fileURLToPath(new URL('./README.md', import.meta.url));
const BEGIN = '<!-- faults: written by docs.ts -->';
const END = '<!-- faults: end -->';

/** README.md with the table that the faults make now. */
export function readmeWithFaults(readme: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error('README.md has lost the marks of the table of faults');
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${table()}\n${readme.slice(end)}`;
}

function table(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|');
  const rows = faults.map((fault) => {
    const params = paramsOf(fault)
      .map(({ name, type, fallback }) => `\`${name}\` ${type}${fallback === '' ? '' : ` = ${fallback}`}`)
      .join('<br>');
    return `| \`${fault.id}\` | ${fault.layer} | ${cell(params)} | ${cell(fault.summary)} | ${cell(fault.peerMustSee)} | ${cell(fault.spec ?? '')} |\n`;
  });
  return `| fault | layer | parameters | what it does | what a peer must see | spec |\n| --- | --- | --- | --- | --- | --- |\n${rows.join('')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const readme = readFileSync(path, 'utf8');
  const current = readmeWithFaults(readme);
  if (!process.argv.includes('--check')) writeFileSync(path, current);
  else if (current !== readme) {
    console.error('fault-server/README.md is stale: run node fault-server/docs.ts');
    process.exitCode = 1;
  }
}
