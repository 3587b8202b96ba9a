import { readFileSync } from 'node:fs';
import { UsageError } from '../exit-codes.ts';
import type { CaseInstance } from './catalog.ts';
import { parsePositioned } from './positions.ts';

/**
 * What a proxy said against the configuration that was made of the cases (`<config>:line:col: text`), told at the place in
 * the case where it was written. Null when it complained of nothing that a case wrote.
 */
export function listenerMistakes(
  config: string,
  complaints: string,
  writers: ReadonlyMap<string, CaseInstance>,
): UsageError | null {
  const generated = parsePositioned(config, readFileSync(config, 'utf8'));
  const names = (generated.content as { listeners: { name: string }[] }).listeners.map(({ name }) => name);
  const mistakes = new Set<string>();
  for (const line of complaints.split('\n')) {
    if (!line.startsWith(`${config}:`)) continue;
    const [, row = '', column = '', text = ''] =
      /^(\d+):(\d+): (.*)$/.exec(line.slice(config.length + 1))?.map(String) ?? [];
    const pointer = generated.pointerAt(Number(row), Number(column));
    const [, index = '', inside = ''] = /^\/listeners\/(\d+)(.*)$/.exec(pointer) ?? [];
    const writer = writers.get(names[Number(index)] ?? '');
    if (index === '' || !writer) return null;
    mistakes.add(`${placeIn(writer, inside)}: ${text}`);
  }
  return mistakes.size === 0 ? null : new UsageError([...mistakes].join('\n'));
}

/** The place of a listener's key in its case, in the defaults of the file, else the case itself. */
function placeIn({ file, pointer }: CaseInstance, inside: string): string {
  const source = parsePositioned(file, readFileSync(file, 'utf8'));
  return source.at(`${pointer}/listener${inside}`, `/defaults/listener${inside}`, pointer);
}
