import type { ConnectionView } from '../case-view.ts';

/** What a server wrote so long before the proxy gave up has reached it. */
const transitSeconds = 0.1;

/** Causes of an end that the clock brought about, whether or not the server had come to the connection by then. */
const limits = ['timeout', 'idle_timeout', 'flow_control_stall'];

/**
 * Whether the server had met a connection in time before a limit of the proxy ended it. A busy one may come to it when the limit
 * has passed: what it then says reaches nobody. Whatever else the proxy ends a connection for, no server was too late for.
 */
export function metInTime({ close, seen }: Pick<ConnectionView, 'close' | 'seen'>): boolean {
  const [met] = seen.proxy;
  return !close || !met || !limits.includes(close.cause ?? '') || met.ts + transitSeconds <= close.ts;
}
