import type { ErrorCodeName } from '../../../protos/h2/constants.ts';
import type { HpackBlock } from '../../../protos/hpack/decoder.ts';
import type { Anomaly } from './anomalies.ts';
import type { SettingPair } from './settings-state.ts';

/** The sender broke the protocol. */
export type Breach = {
  code: ErrorCodeName;
  text: string;
  streamId: number | null;
  /** What the breach is called on the event of its stream, where it has one. */
  anomaly?: Anomaly | undefined;
  /** Nothing more of this side is decoded. */
  fatal?: boolean;
};

export type Priority = { exclusive: boolean; dependsOn: number; weight: number };

/** What one side's frames mean, told in their order. */
export type FrameListener = {
  /** Where the frame in hand starts, counted from this side's first byte. Set by the decoder. */
  frameOffset: number;
  settings(pairs: SettingPair[]): void;
  settingsAck(): void;
  ping(opaque: Buffer, ack: boolean): void;
  goaway(lastStreamId: number, code: number, debugData: Buffer): void;
  windowUpdate(streamId: number, increment: number): void;
  rstStream(streamId: number, code: number): void;
  priority(streamId: number, priority: Priority): void;
  headers(streamId: number, block: HpackBlock, endStream: boolean): void;
  pushPromise(streamId: number, promisedStreamId: number, block: HpackBlock): void;
  /** The start of a DATA frame: `flowBytes` counts against the windows, padding included. */
  dataStart(streamId: number, flowBytes: number, endStream: boolean): void;
  data(chunk: Buffer, start: number, end: number): void;
  dataEnd(): void;
  breach(breach: Breach): void;
};
