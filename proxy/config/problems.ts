import type { LineCounter } from 'yaml';

/** What is wrong with a configuration file: every problem, one line each, in the order of the file. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Gathers problems by their place in the file, so that one run tells them all. */
export type Problems = {
  add(offset: number, message: string): void;
  /** `file:line:col` of an offset. */
  place(offset: number): string;
  throwIfAny(): void;
};

export function gatherProblems(file: string, lines: LineCounter): Problems {
  const found: { offset: number; message: string }[] = [];
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  return {
    add(offset, message) {
      found.push({ offset, message });
    },
    place,
    throwIfAny() {
      if (found.length === 0) return;
      found.sort((a, b) => a.offset - b.offset);
      throw new ConfigError(found.map(({ offset, message }) => `${place(offset)}: ${message}`));
    },
  };
}
