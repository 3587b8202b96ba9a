import { rawState } from '../taps/raw.ts';
import type { Tap } from '../taps/tap.ts';
import type { Session } from './session.ts';

/**
 * A tap whose failure stays its own: a defect in a decoder costs the records of one connection, told in the operator's log,
 * and neither its bytes nor the process with everybody else's.
 */
export function guardTap(tap: Tap, session: Session): Tap {
  let failed = false;
  const fail = (error: unknown): void => {
    failed = true;
    const { connId } = session.context;
    session.runtime.logger.error({ err: error, connId }, 'decoding failed: this connection goes on as raw');
  };
  const guarded = <T>(run: () => T, fallback: T): T => {
    if (failed) return fallback;
    try {
      return run();
    } catch (error) {
      fail(error);
      return fallback;
    }
  };
  return {
    // The path of every byte: no closure for each chunk.
    data(from, chunk) {
      if (failed) return;
      try {
        tap.data(from, chunk);
      } catch (error) {
        fail(error);
      }
    },
    end: (from, how, closeNotify) => guarded(() => tap.end(from, how, closeNotify), undefined),
    state: () => guarded(() => tap.state(), rawState),
    causeOf: (by, how) => guarded(() => tap.causeOf(by, how), null),
    close: (ending) => guarded(() => tap.close(ending), undefined),
  };
}
