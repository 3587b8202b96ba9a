/** What a scenario is made of. */
import type { Lab } from './lab.ts';

/** A real program that may be missing here. */
export type Peer = { program: string; install: string; present: () => boolean };

export type Variant = {
  /** `A.h1-only`: the scenario's letter and a name. */
  id: string;
  /** `symptom` has the trouble of the story, `twin` is the same without it, `look-alike` resembles it and is something else. */
  role: 'symptom' | 'twin' | 'look-alike';
  title: string;
  needs?: readonly Peer[];
  /** Starts what it is made of in the lab, makes the traffic, and returns when the clients are done. */
  run: (lab: Lab) => Promise<void>;
};

export type Scenario = { letter: string; title: string; variants: readonly Variant[] };
