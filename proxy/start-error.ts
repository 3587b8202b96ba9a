/** One listener or the record file could not be opened; each message says which and why. */
export class StartError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}
