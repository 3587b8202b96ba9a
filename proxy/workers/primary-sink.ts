import type { Sink } from '../records/sink.ts';
import type { TurnServer } from './turn-server.ts';

/** The primary's sink: its own lines are numbered among those of the workers, and what it counts is the whole. */
export function countAll(sink: Sink, turns: TurnServer, droppedByWorkers: () => number): Sink {
  return Object.create(sink, {
    push: { value: (line: string) => sink.push(line.replace(SEQ, `,"seq":${turns.number()}`)) },
    written: { get: () => sink.written + turns.written },
    dropped: { get: () => sink.dropped + turns.lost + droppedByWorkers() },
    flushSync: {
      // A line of a worker may be under way, which nothing may cut in two.
      value: () => {
        if (!turns.busy) sink.flushSync();
      },
    },
  });
}

const SEQ = /,"seq":\d+/;
