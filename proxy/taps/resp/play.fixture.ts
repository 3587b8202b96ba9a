import type { EventFields } from '../../records/log.ts';
import { recordingContext } from '../h1/recording.fixture.ts';
import type { Side, StreamEnd, TapState } from '../tap.ts';
import { createRespTap } from './tap.ts';

export type Step = readonly [Side, string | Buffer];

export type Played = {
  events: EventFields[];
  /** Of each event what its reader asks first. */
  told: string[];
  state: TapState;
  judged: { cause: string; error: string } | null;
};

/** Shows a tap both directions, `size` bytes at a time, then an end; the buffers are overwritten as the relay may do. */
export function play(
  steps: readonly Step[],
  {
    by = 'client',
    how = 'fin',
    size = Number.POSITIVE_INFINITY,
  }: { by?: Side; how?: StreamEnd; size?: number } = {},
): Played {
  const { context, events } = recordingContext();
  const tap = createRespTap(context);
  for (const [from, text] of steps) {
    const bytes = Buffer.from(text as string, 'latin1');
    for (let at = 0; at < bytes.length; at += size) {
      const chunk = Buffer.from(bytes.subarray(at, Math.min(bytes.length, at + size)));
      tap.data(from, chunk);
      chunk.fill(0x2a);
    }
  }
  const judged = tap.causeOf(by, how);
  const state = tap.state();
  tap.end(by, how);
  tap.close({ cause: judged?.cause ?? 'graceful', error: judged?.error ?? '', timedOut: false });
  return { events, told: events.map(told), state, judged };
}

/** A command as clients send it: an array of bulk strings. */
export function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

function told({ redis, cause }: EventFields): string {
  const { command: name, subcommand, reply, reply_type } = redis!;
  const parts = [name ?? '?', subcommand, reply === 'answered' ? reply_type : reply, cause];
  return parts.filter((part) => part !== null).join(' ');
}
