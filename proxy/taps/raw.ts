import type { ConnectionContext } from '../connection/context.ts';
import type { Tap, TapState } from './tap.ts';

/** A tap for a protocol nobody here decodes: it has no exchanges, so only a reset is worth telling. */
export function createRawTap(_context: ConnectionContext): Tap {
  return {
    data() {},
    end() {},
    state: () => ({ ...rawState }),
    causeOf: (by, how) =>
      how === 'rst' ? { cause: 'reset', error: `the ${by} reset the connection` } : null,
    close() {},
  };
}

/** The state of a connection on which nothing has been decoded. */
export const rawState: TapState = {
  protocol: 'raw',
  phase: 'idle',
  openExchanges: 0,
  completedExchanges: 0,
  path: null,
  tid: null,
  flowBlockedBy: null,
  clientGoaway: null,
  upstreamGoaway: null,
  unanswered: null,
  violation: null,
};
