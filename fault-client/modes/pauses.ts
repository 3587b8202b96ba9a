import type { ClientSpec } from '../../protos/control/fault-client.ts';

/** Waits between two requests of a chat: call it before each but the first. `intervalMs`, growing up to `intervalMaxMs`. */
export function pauses({ intervalMs = 0, intervalMaxMs = 0 }: ClientSpec): () => Promise<void> {
  const mostMs = Math.max(intervalMs, intervalMaxMs);
  let nextMs = intervalMs;
  return async () => {
    if (nextMs === 0) return;
    const pauseMs = nextMs;
    nextMs = Math.min(nextMs * growth, mostMs);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  };
}

/** From 1 ms to 10 ms in 117 requests. */
const growth = 1.02;
