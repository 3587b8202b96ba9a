/** What is wrong with a line, in the stable words of the report. */
export const problemKinds = {
  'not-json': 'not JSON',
  'not-a-record': 'JSON, but not a record: an object with a kind',
  'unknown-kind': 'a kind of record that is not known here',
  'missing-keys': 'a record without the keys its kind must have',
  'out-of-order': 'a record before one that was written earlier',
  'too-long': 'longer than the reader takes',
  'cut-off': 'the file ends in the middle of it',
} as const;

export type ProblemKind = keyof typeof problemKinds;
export type Problem = { kind: ProblemKind; lines: number; first: { line: number; text: string }[] };

/** Lines named of each kind; the others are counted. */
const namedLines = 10;
const textLength = 120;

/** Counts what was read and what was not, and names the first lines of each problem. Memory is bounded. */
export class Tally {
  lines = 0;
  records = 0;
  /** Records without `schema` or `seq`: as wiretracer 1.50 writes them. */
  oldRecords = 0;
  /** Lines that are no JSON and yet were understood, such as those of a client's own log. */
  knownTexts = 0;
  readonly kinds = new Map<string, number>();
  readonly #problems = new Map<ProblemKind, Problem>();
  readonly #runs: SequenceOfRun[] = [];

  problem(kind: ProblemKind, line: number, text: string): void {
    let known = this.#problems.get(kind);
    if (known === undefined) {
      known = { kind, lines: 0, first: [] };
      this.#problems.set(kind, known);
    }
    known.lines += 1;
    if (known.first.length < namedLines) known.first.push({ line, text: shortened(text) });
  }

  countKind(kind: string): void {
    const count = this.kinds.get(kind);
    // A hostile file may hold as many kinds as lines.
    if (count !== undefined || this.kinds.size < 100) this.kinds.set(kind, (count ?? 0) + 1);
  }

  problems(): Problem[] {
    return [...this.#problems.values()];
  }

  /** A `start` line: the numbers begin again. */
  beginRun(): void {
    if (this.#runs.length < 1000) this.#runs.push(new SequenceOfRun());
  }

  /** True for a record that comes after one with a higher number. */
  sequence(seq: number): boolean {
    if (this.#runs.length === 0) this.beginRun();
    return this.#runs.at(-1)!.take(seq);
  }

  /** Numbers between the least and the greatest of each run that no line has: dropped, cut out, or filtered away. */
  missing(): number {
    return this.#runs.reduce((sum, run) => sum + run.missing(), 0);
  }
}

class SequenceOfRun {
  #least = Number.POSITIVE_INFINITY;
  #greatest = Number.NEGATIVE_INFINITY;
  #count = 0;

  take(seq: number): boolean {
    const late = seq < this.#greatest;
    this.#count += 1;
    if (seq < this.#least) this.#least = seq;
    if (seq > this.#greatest) this.#greatest = seq;
    return late;
  }

  missing(): number {
    return this.#count === 0 ? 0 : Math.max(0, this.#greatest - this.#least + 1 - this.#count);
  }
}

function shortened(text: string): string {
  return text.length > textLength ? `${text.slice(0, textLength - 1)}…` : text;
}
