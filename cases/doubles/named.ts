import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** What a double turns red, and the words of the report that say so. */
export type Named = {
  /** TIDs of the panel, in its order. */
  red: string[];
  /** Where it is wrong and no witness can know; why, the double says. */
  unseen: string[];
  /** One of the failures of the first of them, without what differs from run to run. */
  words: string;
};

const path = fileURLToPath(new URL('./named.yaml', import.meta.url));

const head = `# Which cases of panel.ts each double turns red, these and no others. Written by \`npm run doubles -- --write\`, to be read
# before it is committed: a case that is not red any more has lost an eye.
`;

/** By the double's name. `all` in the file is the whole panel, `all but` leaves some out. */
export function readNamed(panel: string[]): Map<string, Named> {
  type Written = { words: string; red: string[] | 'all'; but?: string[]; unseen?: string[] };
  const file = (parse(readFileSync(path, 'utf8')) ?? {}) as Record<string, Written>;
  return new Map(
    Object.entries(file).map(([name, { words, red, but = [], unseen = [] }]) => [
      name,
      { words, red: red === 'all' ? panel.filter((tid) => !but.includes(tid)) : red, unseen },
    ]),
  );
}

export function writeNamed(named: Map<string, Named>, panel: string[]): void {
  const entries = [...named].map(([name, { words, red, unseen }]) => {
    const but = panel.filter((tid) => !red.includes(tid));
    const lists =
      but.length < red.length
        ? ['  red: all', ...(but.length > 0 ? list('but', but) : [])]
        : list('red', red);
    if (unseen.length > 0) lists.push(...list('unseen', unseen));
    return [`${name}:`, `  words: ${JSON.stringify(words)}`, ...lists].join('\n');
  });
  writeFileSync(path, `${head}${entries.join('\n')}\n`);
}

/** A flow sequence, wrapped. */
function list(key: string, tids: string[]): string[] {
  const lines = [`  ${key}: [`];
  for (const tid of tids) {
    const last = lines.at(-1)!;
    if (lines.length > 1 && last.length + tid.length < 118) lines[lines.length - 1] = `${last} ${tid},`;
    else lines.push(`    ${tid},`);
  }
  return [...lines, '  ]'];
}
