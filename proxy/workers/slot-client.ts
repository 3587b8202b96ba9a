import type { Slot, Slots } from '../connection/accept/slots.ts';
import type { ToPrimary } from './messages.ts';

export type SlotClient = {
  /** The slots of one listener, which the primary counts for all workers. */
  slotsOf(listener: number): Slots;
  answered(id: number, waitedMs: number | null): void;
};

export function createSlotClient(send: (message: ToPrimary) => void): SlotClient {
  const waiting = new Map<number, (slot: Slot) => void>();
  let lastId = 0;

  function slotOf(id: number, waitedMs: number): Slot {
    let released = false;
    return {
      waitedMs,
      release: () => {
        if (!released) send({ kind: 'release', id });
        released = true;
      },
    };
  }

  return {
    slotsOf: (listener) => ({
      take(limitMs, giveUp) {
        const id = ++lastId;
        send({ kind: 'take', id, listener, limitMs });
        return new Promise<Slot>((resolve) => {
          waiting.set(id, resolve);
          giveUp(() => {
            if (!waiting.delete(id)) return;
            send({ kind: 'giveUp', id });
            resolve(null);
          });
        });
      },
    }),
    answered(id, waitedMs) {
      const resolve = waiting.get(id);
      waiting.delete(id);
      // A wait that was given up while its answer was on the way is released by the primary, which hears of it.
      resolve?.(waitedMs === null ? null : slotOf(id, waitedMs));
    },
  };
}
