import type { Stack, StackId } from './subjects/stack.ts';

/** What every work gets: how much to do, where to write, whom to measure. */
export type Bench = {
  /** 1 is the full bench; scales requests, seconds and connections of measured runs. */
  effort: number;
  rounds: number;
  /** A folder of this run, removed at its end. */
  folder: string;
  certs: string;
  /** Started at first use and kept for later works. */
  stack: (id: StackId) => Promise<Stack>;
  /** For every Node program that is measured. */
  nodeFlags: string[];
  progress: (text: string) => void;
  note: (text: string) => void;
};

export const scaled = (count: number, effort: number): number => Math.max(1, Math.round(count * effort));
