import { isAlias, isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';

/** A parsed YAML file that knows where every node stands. */
export type PositionedFile = {
  name: string;
  content: unknown;
  /** Complete `file:line:col: …` messages of syntax errors. */
  errors: string[];
  /** `file:line:col` of the first JSON pointer that leads somewhere, else of the nearest parent of the first. */
  at(...pointers: string[]): string;
  lineOf(pointer: string): number;
  /** JSON pointer of the innermost key or element that begins at or before a place and still holds it. */
  pointerAt(line: number, col: number): string;
};

export function parsePositioned(name: string, text: string): PositionedFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const errors = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    return `${name}:${line}:${col}: ${error.message}`;
  });
  const find = (pointer: string): number | null => {
    let node: unknown = document.contents;
    let offset: number | null = document.contents?.range?.[0] ?? null;
    for (const key of pointer.split('/').slice(1)) {
      if (isAlias(node)) node = node.resolve(document);
      if (isMap(node)) {
        const pair = node.items.find((item) => String(item.key) === plainKey(key));
        if (!pair) return null;
        offset = (pair.key as Node).range?.[0] ?? offset;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(key)];
        offset = (node as Node | undefined)?.range?.[0] ?? offset;
      } else return null;
    }
    return offset;
  };
  const locate = (pointers: string[]): number => {
    for (const pointer of pointers) {
      const offset = find(pointer);
      if (offset !== null) return offset;
    }
    const first = pointers[0] ?? '';
    return first === '' ? 0 : locate([first.slice(0, first.lastIndexOf('/'))]);
  };
  const position = (pointers: string[]) => lines.linePos(locate(pointers));
  return {
    name,
    content: errors.length > 0 ? null : document.toJS({ maxAliasCount: 1000 }),
    errors,
    at: (...pointers) => {
      const { line, col } = position(pointers);
      return `${name}:${line}:${col}`;
    },
    lineOf: (pointer) => position([pointer]).line,
    pointerAt: (line, col) => pointerTo(document.contents, (lines.lineStarts[line - 1] ?? 0) + col - 1),
  };
}

function pointerTo(node: unknown, offset: number): string {
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const from = (key as Node).range?.[0] ?? 0;
      const to = (value as Node | null)?.range?.[1] ?? (key as Node).range?.[1] ?? from;
      if (offset >= from && offset <= to) return `/${escaped(String(key))}${pointerTo(value, offset)}`;
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      const [from = 0, to = 0] = (item as Node).range ?? [];
      if (offset >= from && offset <= to) return `/${index}${pointerTo(item, offset)}`;
    }
  }
  return '';
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** RFC 6901 escapes. */
function plainKey(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}
