import { settingDefaults, settingName, settings } from '../../../protos/h2/constants.ts';
import { limits } from './limits.ts';

export type SettingPair = readonly [id: number, value: number];
export type SettingChange = { setting: string; old: number | null; new: number };

type Announced = { changes: SettingChange[]; followed: ReadonlyMap<number, number> };

/** The settings whose value decides whether the other side's frames are legal. */
const followedIds: readonly number[] = [
  settings.HEADER_TABLE_SIZE,
  settings.INITIAL_WINDOW_SIZE,
  settings.MAX_FRAME_SIZE,
];

/**
 * What one side has announced to bind the other. The other side obeys at some moment between reading the frame and
 * acknowledging it (RFC 9113 section 6.5.3), so until the acknowledgement the largest of the values in question is the limit.
 */
export class SettingsState {
  readonly #latest = new Map<number, number>();
  #acknowledged: ReadonlyMap<number, number> = nothing;
  #awaitingAck: Announced[] = [];
  tableBytes = settingDefaults[settings.HEADER_TABLE_SIZE]!;
  initialWindowBytes = settingDefaults[settings.INITIAL_WINDOW_SIZE]!;
  maxFrameBytes = settingDefaults[settings.MAX_FRAME_SIZE]!;

  /** Whether a request may carry :protocol (RFC 8441 section 3). */
  get allowsExtendedConnect(): boolean {
    return this.#value(settings.ENABLE_CONNECT_PROTOCOL) === 1;
  }

  announce(pairs: readonly SettingPair[]): SettingChange[] {
    const followed = new Map<number, number>();
    const changes = pairs.map(([id, value]) => {
      const change = { setting: settingName(id), old: this.#value(id), new: value };
      if (id in settingDefaults || this.#latest.size < maxRemembered) this.#latest.set(id, value);
      if (followedIds.includes(id)) followed.set(id, value);
      return change;
    });
    if (this.#awaitingAck.length === limits.settingsAwaitingAck) this.#obey(this.#awaitingAck.shift()!);
    this.#awaitingAck.push({ changes, followed });
    this.#derive();
    return changes;
  }

  /** The other side acknowledged the oldest frame. Its changes, or null when there was nothing to acknowledge. */
  acknowledge(): SettingChange[] | null {
    const oldest = this.#awaitingAck.shift();
    if (oldest === undefined) return null;
    this.#obey(oldest);
    this.#derive();
    return oldest.changes;
  }

  #value(id: number): number | null {
    return this.#latest.get(id) ?? settingDefaults[id] ?? null;
  }

  #obey(announced: Announced): void {
    // Most sides announce once: its own map then serves.
    this.#acknowledged =
      this.#acknowledged.size === 0
        ? announced.followed
        : new Map([...this.#acknowledged, ...announced.followed]);
  }

  #derive(): void {
    this.tableBytes = this.#largest(settings.HEADER_TABLE_SIZE);
    this.initialWindowBytes = this.#largest(settings.INITIAL_WINDOW_SIZE);
    this.maxFrameBytes = this.#largest(settings.MAX_FRAME_SIZE);
  }

  #largest(id: number): number {
    let largest = this.#acknowledged.get(id) ?? settingDefaults[id]!;
    for (const { followed } of this.#awaitingAck) largest = Math.max(largest, followed.get(id) ?? 0);
    return largest;
  }
}

const maxRemembered = 64;
const nothing: ReadonlyMap<number, number> = new Map();
