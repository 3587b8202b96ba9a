import type { Connection } from '../connect/connection.ts';
import type { SocketEnd } from '../connect/socket-end.ts';
import type { Run } from '../run/run.ts';
import type { HttpSession } from './http-session.ts';

/** How long a peer may take to answer our FIN with its own before the socket is dropped. */
export const closeGraceMs = 5000;

/** End the connection from this side and stay until the peer ended too, so that how it ended is known. */
export async function finishConnection(
  run: Run,
  connection: Connection,
  session: Pick<HttpSession, 'close' | 'peerWillEnd'>,
): Promise<void> {
  if (session.peerWillEnd?.()) await waitForEnd(connection.end, closeGraceMs);
  connection.end.self();
  session.close();
  const ended = await waitForEnd(connection.end, closeGraceMs);
  if (!ended) run.notes.push(`the peer did not end the connection within ${closeGraceMs} ms of our FIN`);
  await connection.end.flushed;
  connection.raw.destroy();
}

/** True when the peer ended; false when `limitMs` passed first. `null`: no limit but the run's own. */
export async function waitForEnd(end: SocketEnd, limitMs: number | null): Promise<boolean> {
  if (limitMs === null) return end.peerEnded.then(() => true);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const ended = await Promise.race([end.peerEnded.then(() => true), limit]);
  clearTimeout(timer);
  return ended;
}
