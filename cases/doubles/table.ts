import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DoubleGroup } from './groups.ts';
import type { Named } from './named.ts';

const path = fileURLToPath(new URL('../README.md', import.meta.url));
const begin = '<!-- doubles: written by npm run doubles -->';
const end = '<!-- doubles: end -->';

/** The README with the table of doubles in its place; null when it shows that table already. */
export function renewedReadme(groups: DoubleGroup[], named: Map<string, Named>, all: number): string | null {
  const readme = readFileSync(path, 'utf8');
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`cases/README.md has lost the marks ${begin} and ${end}`);
  const current = `${readme.slice(0, from + begin.length)}\n\n${table(groups, named, all)}\n${readme.slice(to)}`;
  return current === readme ? null : current;
}

export function writeReadme(text: string): void {
  writeFileSync(path, text);
}

function table(groups: DoubleGroup[], named: Map<string, Named>, all: number): string {
  const lines = [
    '| double | what it does wrong | the defect it stands for | red | such as | in the words of the report |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  for (const { title, doubles } of groups) {
    lines.push(`| **${title}** | | | | | |`);
    for (const { name, lie, standsFor, unseen: why } of doubles) {
      const { red = [], unseen = [], words = '' } = named.get(name) ?? {};
      const first = red.slice(0, 3).map((tid) => `\`${tid}\``);
      const blind = unseen.length > 0 ? `; unseen in ${unseen.length}: ${why}` : '';
      const cells = [
        `\`${name}\``,
        lie,
        standsFor,
        `${red.length} of ${all}${blind}`,
        first.join(', ') + (red.length > first.length ? ', …' : ''),
        words,
      ];
      lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
