/** What a work finds out: one quantity of one subject, once a round. */
export type Figure = {
  work: string;
  /** The relay or program that was measured. */
  subject: string;
  metric: string;
  unit: string;
  better: 'more' | 'less';
  /** One for each round, in the same order for every subject of the work; null where a round could not tell. */
  values: (number | null)[];
};

/** What `--json` prints and `--compare` reads. */
export type Report = {
  schema: 'wiretracer-bench/1';
  machine: { cpus: number; model: string; node: string; loader: string };
  effort: number;
  rounds: number;
  figures: Figure[];
  verdicts: Verdict[];
  /** What was not measured and why, and what a reader must know to judge a figure. */
  notes: string[];
};

export type Verdict = {
  goal: string;
  /** Null: what it needs was not measured; `measured` says so. */
  met: boolean | null;
  measured: string;
};
