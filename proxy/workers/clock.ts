/**
 * Processes disagree by milliseconds about when they began in epoch time, and so about every `ts`; about the machine's
 * monotonic clock they agree. Returns the epoch time (ms) of its zero, as this process sees it.
 */
export const clockOrigin = (): number => performance.timeOrigin + performance.now() - monotonicMs();

/** Makes this process tell the time of the one that called clockOrigin. */
export function adoptClock(origin: number): void {
  const value = origin + monotonicMs() - performance.now();
  Object.defineProperty(performance, 'timeOrigin', { value });
}

const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
