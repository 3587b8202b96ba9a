import type { ConnectionView } from '../case-view.ts';

/** What a server wrote so long before the proxy gave up has reached it. */
const transitSeconds = 0.1;

/**
 * Whether the server had met a connection in time before the proxy closed it. A busy one may come to it when a limit of the proxy
 * has passed: what it then says reaches nobody.
 */
export function metInTime({ close, seen }: Pick<ConnectionView, 'close' | 'seen'>): boolean {
  const [met] = seen.proxy;
  return !close || !met || met.ts + transitSeconds <= close.ts;
}
