import type { MetaRecord } from '../../protos/records/records.ts';
import type { Sink } from '../records/sink.ts';

export type WorkerSink = {
  sink: Sink;
  /** The next line is a `meta` line, as the first one is. */
  metaComes(): void;
};

/** A worker's sink: the `meta` lines of one process are not those of the whole, and go to `onMeta` instead. */
export function keepMetaLines(file: Sink, onMeta: (meta: MetaRecord) => void): WorkerSink {
  // To look at a line is to join its pieces, which costs as much as writing it: so it is told beforehand.
  let metaNext = true;
  const sink: Sink = Object.create(file, {
    push: {
      value: (line: string): boolean => {
        if (!metaNext) return file.push(line);
        metaNext = false;
        onMeta(JSON.parse(line) as MetaRecord);
        return true;
      },
    },
    // It would write without its turn.
    flushSync: { value: () => {} },
  });
  return {
    sink,
    metaComes() {
      metaNext = true;
    },
  };
}
