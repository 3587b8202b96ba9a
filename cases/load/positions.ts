import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';

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
  for (const { offset, text: wrong } of errors.length > 0 ? [] : wrongNodes(document)) {
    const { line, col } = lines.linePos(offset);
    errors.push(`${name}:${line}:${col}: ${wrong}`);
  }
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
    content: errors.length > 0 ? null : document.toJS({ maxAliasCount: -1 }),
    errors,
    at: (...pointers) => {
      const { line, col } = position(pointers);
      return `${name}:${line}:${col}`;
    },
    lineOf: (pointer) => position([pointer]).line,
    pointerAt: (line, col) => pointerTo(document.contents, (lines.lineStarts[line - 1] ?? 0) + col - 1),
  };
}

/** More nodes than a file of cases ever has: aliases of aliases double with every line. */
const maxNodes = 200_000;

/** Aliases that name nothing or hold themselves, more of them than anybody means, and keys that are no text. */
function wrongNodes(document: Document.Parsed): { offset: number; text: string }[] {
  const wrong: { offset: number; text: string }[] = [];
  const named = namedNodes(document);
  const sizes = new Map<unknown, number>();
  const sizeOf = (node: unknown): number => {
    if (isAlias(node)) return sizeOf(named.get(node));
    const known = sizes.get(node);
    if (known !== undefined) return known;
    const inner = isMap(node)
      ? node.items.flatMap(({ key, value }) => [key, value])
      : isSeq(node)
        ? node.items
        : [];
    const size = inner.reduce<number>((sum, item) => sum + sizeOf(item), 1);
    sizes.set(node, size);
    return size;
  };
  visit(document, {
    Pair(_key, { key }) {
      const meant = isAlias(key) ? named.get(key) : key;
      if (isMap(meant) || isSeq(meant))
        wrong.push({ offset: (key as Node).range?.[0] ?? 0, text: 'a key is a map or a list; write text' });
    },
    Alias(_key, alias, path) {
      const offset = alias.range?.[0] ?? 0;
      const meant = named.get(alias);
      if (meant === undefined)
        wrong.push({ offset, text: `no anchor &${alias.source} stands before *${alias.source}` });
      else if (path.includes(meant))
        wrong.push({ offset, text: `*${alias.source} stands inside its own anchor` });
    },
  });
  if (wrong.length === 0 && sizeOf(document.contents) > maxNodes)
    wrong.push({ offset: 0, text: `aliases make more than ${maxNodes} values of this file; write fewer` });
  return wrong;
}

/** What each alias stands for: the last anchor of its name before it. `Alias.resolve` looks through the whole file each time. */
function namedNodes(document: Document.Parsed): Map<Alias, Node> {
  const named = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  visit(document, {
    Alias(_key, alias) {
      const node = anchors.get(alias.source);
      if (node) named.set(alias, node);
    },
    Value(_key, node) {
      if (node.anchor) anchors.set(node.anchor, node);
    },
  });
  return named;
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
