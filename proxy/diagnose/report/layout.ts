/** Lines of at most `width` characters, cut at blanks; a word that is longer stays whole, so that it can be copied. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(indent + line);
  return lines;
}

/** How text is emphasised: by escape sequences on a terminal, else not at all. */
export type Style = { bold(text: string): string; dim(text: string): string; red(text: string): string };

export function styleFor(colors: boolean): Style {
  const between =
    (on: number, off: number) =>
    (text: string): string =>
      colors ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return { bold: between(1, 22), dim: between(2, 22), red: between(31, 39) };
}
