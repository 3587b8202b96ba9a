import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isAlias, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { readListener } from './listener.ts';
import { ConfigError, gatherProblems } from './problems.ts';
import { complain, joined, nodeOf, placeOf, readSection, type Section, told } from './section.ts';
import type { Config, ListenerConfig } from './types.ts';
import { readChoice, readNumber } from './values.ts';

/**
 * Reads and checks a configuration file, and every certificate and key it names. Throws ConfigError with every
 * problem as `file:line:col: what is wrong, and what to write instead`.
 */
export function loadConfig(file: string): Config {
  let source: Buffer;
  try {
    source = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const words =
      code === 'ENOENT'
        ? 'no such file; name one with --config, or make one: wiretracer --gen-config > config.yaml'
        : message;
    throw new ConfigError([`${file}: ${words}`]);
  }
  return parseConfig(file, source);
}

/** `file` is only a name for messages. */
export function parseConfig(file: string, source: Buffer): Config {
  const lines = new LineCounter();
  const document = parseDocument(source.toString('utf8'), { lineCounter: lines, prettyErrors: false });
  const problems = gatherProblems(file, lines);
  for (const error of document.errors) problems.add(error.pos[0], `not valid YAML: ${error.message}`);
  problems.throwIfAny();
  if (document.contents === null)
    throw new ConfigError([`${file}:1:1: the file is empty; it needs listeners: [...]`]);
  const top = readSection(document.contents as Node, '', '', document, problems);
  if (top === null) problems.throwIfAny();
  const config = readTop(top!);
  problems.throwIfAny();
  return { ...config, hash: createHash('sha256').update(source).digest('hex').slice(0, 16) };
}

function readTop(top: Section): Omit<Config, 'hash'> {
  const sections = listenerSections(top);
  const read = sections.map(readListener);
  const listeners = read.map(({ listener }) => listener);
  complainOfTwins(sections, listeners);
  const graceRule = { byDefault: 5, min: 0, max: 86_400 };
  return {
    listeners,
    jsonlPath: read.find(({ jsonlPath }) => jsonlPath !== null)?.jsonlPath ?? null,
    overflow: readChoice(top, 'overflow', ['block', 'drop'], 'block'),
    shutdownGraceMs: readNumber(top, 'shutdown_grace', graceRule) * 1000,
    workers: readWorkers(top),
  };
}

/** `auto` is a worker for each core this process may use, within the same bounds. */
function readWorkers(top: Section): number {
  const rule = { byDefault: 1, min: 1, max: 64, whole: true, orElse: 'auto' };
  const node = nodeOf(top, 'workers');
  if (isScalar(node) && node.value === 'auto') return Math.min(availableParallelism(), rule.max);
  return readNumber(top, 'workers', rule);
}

function listenerSections(top: Section): Section[] {
  const node = nodeOf(top, 'listeners');
  if (node === null) complain(top, 'listeners', 'is missing; it is the list of what to listen on');
  else if (!isSeq(node)) complain(top, 'listeners', `must be a list; it is ${told(node)}`);
  else if (node.items.length === 0)
    complain(top, 'listeners', 'is an empty list; one listener at least is needed');
  else {
    return node.items.flatMap((item) => {
      const resolved = isAlias(item) ? item.resolve(top.document) : item;
      const section = readSection(resolved as Node, 'listener', '', top.document, top.problems);
      return section === null ? [] : [section];
    });
  }
  return [];
}

/** Two listeners with one name would share their records; two on one address cannot both bind. */
function complainOfTwins(sections: Section[], listeners: ListenerConfig[]): void {
  for (const [index, listener] of listeners.entries()) {
    const section = sections[index]!;
    const sameName = listeners.findIndex(({ name }) => name === listener.name && name !== '');
    if (sameName !== -1 && sameName < index) {
      const first = section.problems.place(placeOf(sections[sameName]!, 'name'));
      complain(section, 'name', `"${listener.name}" is taken by the listener at ${first}; names must differ`);
    }
    const sameAddress = listeners.findIndex(
      ({ host, port }) => port !== 0 && port === listener.port && host === listener.host,
    );
    if (sameAddress !== -1 && sameAddress < index) {
      complain(
        section,
        joined(section, 'listen'),
        `is the same address as that of listener "${listeners[sameAddress]!.name}"`,
      );
    }
  }
}
