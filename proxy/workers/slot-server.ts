import { createSlots, type Slot } from '../connection/accept/slots.ts';
import type { ToWorker } from './messages.ts';

/** One worker's share in the slots: what it waits for and what it holds. */
export type SlotDesk = {
  take(id: number, listener: number, limitMs: number): void;
  giveUp(id: number): void;
  release(id: number): void;
  /** The worker is gone: what it held and waited for is free. */
  releaseAll(): void;
};

export type SlotServer = { deskOf(send: (message: ToWorker) => void): SlotDesk };

/** Counts the connections of every listener over all workers: first come, first served, whichever worker asks. */
export function createSlotServer(maxConnections: readonly number[]): SlotServer {
  const slots = maxConnections.map(createSlots);
  return {
    deskOf(send) {
      const held = new Map<number, () => void>();
      const cancels = new Map<number, () => void>();

      function answer(id: number, slot: Slot): void {
        cancels.delete(id);
        if (slot !== null) held.set(id, slot.release);
        send({ kind: 'slot', id, waitedMs: slot?.waitedMs ?? null });
      }
      function release(id: number): void {
        held.get(id)?.();
        held.delete(id);
      }

      return {
        take(id, listener, limitMs) {
          const taken = slots[listener]!.take(limitMs, (cancel) => cancels.set(id, cancel));
          if (taken instanceof Promise) void taken.then((slot) => answer(id, slot));
          else answer(id, taken);
        },
        giveUp(id) {
          cancels.get(id)?.();
          release(id);
        },
        release,
        releaseAll() {
          for (const cancel of [...cancels.values()]) cancel();
          for (const id of [...held.keys()]) release(id);
        },
      };
    },
  };
}
