import { FilterError } from './filter-error.ts';
import type { Located } from './syntax.ts';

/** A regular expression as Python's `re.search` takes it, whose spellings 1.50 users have in their notes. */
export function toRegExp({ value, column }: Located, text: string): RegExp {
  const inline = /^\(\?([aiLmsux]+)\)/.exec(value);
  const flags = [...(inline?.[1] ?? '')].filter((flag) => 'ims'.includes(flag)).join('');
  const source = value
    .slice(inline?.[0].length ?? 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?P=(\w+)\)/g, '\\k<$1>')
    .replaceAll(/\\[AZ]/g, (anchor) => (anchor === '\\A' ? '^' : '$'));
  try {
    return new RegExp(source, [...new Set(flags)].join(''));
  } catch (error) {
    throw new FilterError(
      text,
      column,
      (error as Error).message.replace('Invalid regular expression', 'not a regular expression'),
    );
  }
}
