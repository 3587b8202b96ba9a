import { fork } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';

/**
 * A port that answers no SYN: a child process listens with the shortest backlog and never accepts, and this process
 * fills the backlog. Linux only: elsewhere a full backlog refuses.
 */
export async function openBlackhole(
  host: string,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  if (process.platform !== 'linux') throw new Error('tcp-connect-blackhole works on Linux only');
  const child = fork(fileURLToPath(new URL('./listener.mjs', import.meta.url)), [host, String(port)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const listening = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) =>
      typeof message === 'number' ? resolve(message) : reject(new Error(String(message))),
    );
    child.once('exit', (code) => reject(new Error(`the listener ended with ${code}`)));
  });
  const fillers: Socket[] = [];
  // A backlog of 1 holds two connections; the third would wait for ever already.
  for (let i = 0; i < 2; i++) {
    const filler = connect(listening, host);
    filler.on('error', () => {});
    await new Promise<void>((resolve) => filler.once('connect', resolve));
    fillers.push(filler);
  }
  return {
    port: listening,
    close: () =>
      new Promise((resolve) => {
        for (const filler of fillers) filler.destroy();
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}
