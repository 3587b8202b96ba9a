import { endMayBeReset, wasReset } from './peer-reset.ts';
import type { Session } from './session.ts';

export type Collected<T> =
  | { kind: 'done'; value: T }
  | { kind: 'fin' }
  | { kind: 'rst'; error: string }
  | { kind: 'timeout' }
  | { kind: 'cancelled' };

/**
 * Read the client's raw socket until `take` returns something. The socket is paused again then, and what `take` did not
 * consume is the caller's to `unshift`.
 */
export function collect<T>(
  session: Session,
  timeoutMs: number,
  take: (chunk: Buffer) => T | null,
): Promise<Collected<T>> {
  const { raw } = session;
  return new Promise((resolve) => {
    const settle = (result: Collected<T>): void => {
      clearTimeout(timer);
      session.cancel = null;
      raw.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      raw.pause();
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      const value = take(chunk);
      if (value !== null) settle({ kind: 'done', value });
    };
    const onEnd = (): void => {
      if (endMayBeReset && wasReset(raw)) {
        onError(new Error('read ECONNRESET'));
        return;
      }
      session.clientEnd = 'fin';
      settle({ kind: 'fin' });
    };
    const onError = (error: Error): void => {
      session.clientEnd = 'rst';
      settle({ kind: 'rst', error: error.message });
    };
    const onClose = (): void => settle({ kind: 'fin' });
    const timer = setTimeout(() => settle({ kind: 'timeout' }), timeoutMs);
    session.cancel = () => settle({ kind: 'cancelled' });
    raw.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
    if (session.cancelled) session.cancel();
    else if (raw.readableEnded) onEnd();
    else if (raw.destroyed) onError(raw.errored ?? new Error('socket closed'));
    else raw.resume();
  });
}
