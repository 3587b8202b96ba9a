import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap } from 'yaml';
import { keys, type SectionName, unknownKey } from './keys.ts';
import type { Problems } from './problems.ts';

/** One map of the file. Reading a value that is wrong adds a problem and returns the default, so that reading goes on. */
export type Section = {
  /** For messages: `policy`, or empty at the top of a listener. */
  path: string;
  /** Where to point when a key is missing. */
  offset: number;
  values: Map<string, { node: Node | null; keyOffset: number; offset: number }>;
  /** The maps its values are from: its own, and each merged one, which once more would add nothing. */
  sources: Set<YAMLMap>;
  document: Document;
  problems: Problems;
};

/** Reads a map and complains about keys it does not know. */
export function readSection(
  node: Node,
  name: SectionName,
  path: string,
  document: Document,
  problems: Problems,
): Section | null {
  const offset = offsetOf(node);
  const resolved = isAlias(node) ? node.resolve(document) : node;
  if (!isMap(resolved)) {
    problems.add(
      offset,
      `${path === '' ? 'this' : path} must be a map of keys and values; it is ${told(node)}`,
    );
    return null;
  }
  const section: Section = { path, offset, values: new Map(), sources: new Set(), document, problems };
  addPairs(section, resolved, false);
  for (const [key, { keyOffset: at }] of section.values) {
    if (!(keys[name] as readonly string[]).includes(key)) problems.add(at, unknownKey(key, name));
  }
  return section;
}

/** The section under `key`; null when it is not there. An empty one (`policy:` alone) counts as not there. */
export function subsection(section: Section, key: SectionName): Section | null {
  const node = nodeOf(section, key);
  return node === null
    ? null
    : readSection(node, key, joined(section, key), section.document, section.problems);
}

/** The value's node; null when the key is missing or its value is empty or null. */
export function nodeOf(section: Section, key: string): Node | null {
  const node = section.values.get(key)?.node ?? null;
  if (node === null || (isScalar(node) && node.value === null)) return null;
  return isAlias(node) ? (node.resolve(section.document) ?? null) : node;
}

/** Where a key's value stands, or the section when the key is missing. */
export const placeOf = (section: Section, key: string): number =>
  section.values.get(key)?.offset ?? section.offset;

export const joined = (section: Section, key: string): string =>
  section.path === '' ? key : `${section.path}.${key}`;

export function complain(section: Section, key: string, message: string): void {
  section.problems.add(placeOf(section, key), `${joined(section, key)} ${message}`);
}

/** A value as a message shows it. */
export function told(node: Node): string {
  if (isSeq(node)) return 'a list';
  if (isMap(node)) return 'a map';
  if (isScalar(node)) {
    if (node.value === null) return 'empty';
    return typeof node.value === 'string' ? JSON.stringify(node.value) : String(node.source ?? node.value);
  }
  return 'something else';
}

export const offsetOf = (node: Node): number => node.range?.[0] ?? 0;

function addPairs(section: Section, map: YAMLMap, merged: boolean): void {
  // A map may name itself, or others that name others without end.
  if (section.sources.has(map)) return;
  section.sources.add(map);
  for (const pair of map.items) {
    const keyNode = pair.key as Scalar;
    const key = String(keyNode.value);
    const node = pair.value as Node | null;
    if (key === '<<') {
      mergeFrom(section, node);
      continue;
    }
    // A key of the map itself wins over a merged one, wherever the merge stands (YAML 1.1 merge type).
    if (merged && section.values.has(key)) continue;
    const offset = node === null || isEmpty(node) ? offsetOf(keyNode) : offsetOf(node);
    section.values.set(key, { node, keyOffset: offsetOf(keyNode), offset });
  }
}

function mergeFrom(section: Section, node: Node | null): void {
  const source = node !== null && isAlias(node) ? node.resolve(section.document) : node;
  const maps = isSeq(source) ? source.items : [source];
  for (const item of maps) {
    const map = isAlias(item) ? item.resolve(section.document) : item;
    if (isMap(map)) addPairs(section, map, true);
    else section.problems.add(section.offset, '"<<" must name a map or a list of maps');
  }
}

const isEmpty = (node: Node): boolean => isScalar(node) && node.value === null;
