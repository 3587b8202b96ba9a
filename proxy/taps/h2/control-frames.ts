import {
  type ErrorCodeName,
  frameFlags,
  frameTypeName,
  frameTypes,
  maxWindowBytes,
  settingName,
  settings,
} from '../../../protos/h2/constants.ts';
import type { FrameListener } from './frame-listener.ts';
import type { SettingPair } from './settings-state.ts';

export type ControlFrame = { type: number; flags: number; streamId: number; payload: Buffer };

/** Reads a frame without header block or data (RFC 9113 sections 6.3 to 6.9), or tells what is wrong with it. */
export function readControlFrame(frame: ControlFrame, fromClient: boolean, listener: FrameListener): void {
  const { type, flags, streamId, payload } = frame;
  const ack = (flags & frameFlags.ACK) !== 0;
  const code = shapeFault(frame, ack);
  if (code !== null) {
    const where = code === 'FRAME_SIZE_ERROR' ? `of ${payload.length} bytes` : `on stream ${streamId}`;
    listener.breach({ code, text: `${frameTypeName(type)} ${where}`, streamId: streamId || null });
    return;
  }
  switch (type) {
    case frameTypes.SETTINGS:
      if (ack) listener.settingsAck();
      else listener.settings(readSettings(payload, fromClient, listener));
      break;
    case frameTypes.PING:
      listener.ping(payload, ack);
      break;
    case frameTypes.GOAWAY:
      listener.goaway(payload.readUInt32BE(0) & 0x7fff_ffff, payload.readUInt32BE(4), payload.subarray(8));
      break;
    case frameTypes.RST_STREAM:
      listener.rstStream(streamId, payload.readUInt32BE(0));
      break;
    case frameTypes.WINDOW_UPDATE:
      listener.windowUpdate(streamId, payload.readUInt32BE(0) & 0x7fff_ffff);
      break;
    case frameTypes.PRIORITY: {
      const word = payload.readUInt32BE(0);
      checkDependency(word, streamId, listener);
      listener.priority(streamId, {
        exclusive: word >= 0x8000_0000,
        dependsOn: word & 0x7fff_ffff,
        weight: payload[4]! + 1,
      });
      break;
    }
  }
}

/** `word`: the exclusive bit and the stream depended on (RFC 7540 section 5.3.1; RFC 9113 keeps the fields only). */
export function checkDependency(word: number, streamId: number, listener: FrameListener): void {
  if ((word & 0x7fff_ffff) !== streamId) return;
  const text = 'PRIORITY that makes the stream depend on itself';
  listener.breach({ code: 'PROTOCOL_ERROR', text, streamId, anomaly: 'self_dependency' });
}

function shapeFault({ type, streamId, payload }: ControlFrame, ack: boolean): ErrorCodeName | null {
  const { length } = payload;
  switch (type) {
    case frameTypes.SETTINGS:
      return faultOf(streamId === 0, ack ? length === 0 : length % 6 === 0);
    case frameTypes.PING:
      return faultOf(streamId === 0, length === 8);
    case frameTypes.GOAWAY:
      return faultOf(streamId === 0, length >= 8);
    case frameTypes.PRIORITY:
      return faultOf(streamId !== 0, length === 5);
    case frameTypes.RST_STREAM:
      return faultOf(streamId !== 0, length === 4);
    default:
      return faultOf(true, length === 4);
  }
}

function faultOf(rightStream: boolean, rightSize: boolean): ErrorCodeName | null {
  if (!rightStream) return 'PROTOCOL_ERROR';
  return rightSize ? null : 'FRAME_SIZE_ERROR';
}

/** RFC 9113 section 6.5.2: values out of range are told and kept. */
function readSettings(payload: Buffer, fromClient: boolean, listener: FrameListener): SettingPair[] {
  const pairs: SettingPair[] = [];
  for (let at = 0; at < payload.length; at += 6) {
    const id = payload.readUInt16BE(at);
    const value = payload.readUInt32BE(at + 2);
    pairs.push([id, value]);
    const code = settingFault(id, value, fromClient);
    if (code !== null) {
      listener.breach({ code, text: `${settingName(id)} ${value} in SETTINGS`, streamId: null });
    }
  }
  return pairs;
}

function settingFault(id: number, value: number, fromClient: boolean): ErrorCodeName | null {
  switch (id) {
    case settings.ENABLE_PUSH:
      return value > (fromClient ? 1 : 0) ? 'PROTOCOL_ERROR' : null;
    case settings.INITIAL_WINDOW_SIZE:
      return value > maxWindowBytes ? 'FLOW_CONTROL_ERROR' : null;
    case settings.MAX_FRAME_SIZE:
      return value < 16384 || value > 0xff_ffff ? 'PROTOCOL_ERROR' : null;
    default:
      return null;
  }
}
