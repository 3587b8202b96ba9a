/**
 * What becomes of the bytes of one direction of a connection, decided without sockets and timers: a shape is given chunks as
 * they arrive and answers with steps; who owns the socket carries them out, in order.
 */
export type Step = {
  /** Not before that long after the arrival; steps wait at the same time. */
  holdMs?: number;
  /** That long after the step before it was due; steps wait one after the other. */
  paceMs?: number;
  /** What happened, for an observation. */
  says?: string;
} & (
  | { kind: 'bytes'; bytes: Buffer /** A segment of its own. */; apart?: boolean }
  /** This side ends the connection; what comes later is dropped. */
  | { kind: 'end'; how: 'fin' | 'rst' }
  /** Nothing moves in this direction any more. */
  | { kind: 'stall' }
  /** The end that the source of the bytes sent. */
  | { kind: 'finish' }
);

/** One direction of one connection; it keeps state. */
export type Shape = {
  /** `nowMs` is a steady clock in milliseconds. */
  push(chunk: Buffer, nowMs: number): Step[];
  /** The source ended; without it the end is passed on behind what is still waiting. */
  finish?(): Step[];
};
