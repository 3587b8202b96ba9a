import { expect } from 'vitest';
import type { Side, StreamEnd, Tap } from '../tap.ts';
import { recordingContext } from './recording.fixture.ts';
import { createH1Tap } from './tap.ts';

export type Step = [Side, string] | [Side, 'end', StreamEnd];

/** Feed a tap step by step; an end is judged before and after it is told, then closes the tap. */
export function run(steps: Step[], logging?: Parameters<typeof recordingContext>[0]) {
  const { context, events } = recordingContext(logging);
  const tap: Tap = createH1Tap(context);
  let judged: ReturnType<Tap['causeOf']> = null;
  let before = tap.state();
  for (const step of steps) {
    if (step.length === 2) tap.data(step[0], Buffer.from(step[1], 'latin1'));
    else {
      before = tap.state();
      judged = tap.causeOf(step[0], step[2]);
      tap.end(step[0], step[2]);
      expect(tap.causeOf(step[0], step[2])).toEqual(judged);
      tap.close({ cause: judged?.cause ?? 'graceful', error: judged?.error ?? '', timedOut: false });
    }
  }
  return { events, tap, judged, state: tap.state(), before };
}

export const get = 'GET /a?x=1&tid=t%201&tid=2 HTTP/1.1\r\nHost: h\r\n\r\n';
export const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
