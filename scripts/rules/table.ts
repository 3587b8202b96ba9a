/**
 * Writes the table of rules into the README of proxy, as `wiretracer diagnose --rules` lists them. With `--check` it writes
 * nothing and exits 1 when the table is not the one that the rules make.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

type ListedRule = {
  id: string;
  severity: 'finding' | 'note';
  certainty: string;
  looks_for: string;
  evidence: string;
  cause: string;
  advice: string;
  variants: Record<string, string>;
  look_alikes: Record<string, string>;
};

const begin = '<!-- rules: written by npm run rules -->';
const end = '<!-- rules: end -->';
const path = fileURLToPath(new URL('../../proxy/README.md', import.meta.url));
const readme = readFileSync(path, 'utf8');
const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
if (from < 0 || to < from) throw new Error(`proxy/README.md has lost the marks ${begin} and ${end}`);
const current = `${readme.slice(0, from + begin.length)}\n\n${table(listed())}\n${readme.slice(to)}`;

if (current !== readme && process.argv.includes('--check')) {
  console.error('proxy/README.md does not show the rules there are: npm run rules');
  process.exitCode = 1;
} else if (current !== readme) {
  writeFileSync(path, current);
  console.log('wrote the table of rules into proxy/README.md');
}

/** Asked as users ask. */
function listed(): ListedRule[] {
  const bin = fileURLToPath(new URL('../../proxy/bin.mjs', import.meta.url));
  return JSON.parse(
    execFileSync(process.execPath, [bin, 'diagnose', '--rules', '--json'], { encoding: 'utf8' }),
  );
}

function table(rules: ListedRule[]): string {
  const lines = [
    '| rule | what it recognises | by which evidence | cause | what to do | look-alikes |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  for (const rule of rules) {
    const variants = Object.entries(rule.variants).map(([name, says]) => `\`${name}\`: ${says}`);
    const alikes = Object.entries(rule.look_alikes).map(([id, differs]) => `\`${id}\`: ${differs}`);
    const kind = rule.severity === 'note' ? 'note' : rule.certainty;
    const cells = [
      `\`${rule.id}\` (${kind})`,
      [rule.looks_for, ...variants].join('<br>'),
      rule.evidence,
      rule.cause,
      rule.advice,
      alikes.join('<br>'),
    ];
    lines.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
  }
  return `${lines.join('\n')}\n`;
}
