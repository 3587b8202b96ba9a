/** Every work, in the order they run. */
import type { Bench } from '../bench.ts';
import type { Figure } from '../types.ts';
import * as connections from './connections.ts';
import * as diagnose from './diagnose.ts';
import * as growth from './growth.ts';
import * as hpack from './hpack.ts';
import * as http1 from './http1.ts';
import * as large from './large.ts';
import * as latency from './latency.ts';
import * as memory from './memory.ts';
import * as records from './records.ts';
import * as small from './small.ts';
import * as stream from './stream.ts';
import * as suite from './suite.ts';
import * as upload from './upload.ts';

export type Work = {
  title: string;
  measure: (bench: Bench) => Promise<Figure[]>;
  /** One Node process does all of it, so that its profile tells something. */
  profiled: boolean;
};

export const works: Record<string, Work> = {
  small,
  large,
  upload,
  connections,
  latency,
  stream,
  http1,
  growth,
  memory,
  hpack,
  records,
  diagnose,
  suite,
};
