import { clientPreface, frameFlags, frameHeaderBytes, frameTypes } from '../../../protos/h2/constants.ts';
import {
  encodeContinuation,
  encodeData,
  encodeFrame,
  encodeGoaway,
  encodeHeaders,
  encodePing,
  encodePriority,
  encodePushPromise,
  encodeRstStream,
  encodeSettings,
  encodeSettingsAck,
  encodeWindowUpdate,
} from '../../../protos/h2/frames.ts';
import { HpackEncoder } from '../../../protos/hpack/encoder.ts';
import { few, pick, type Random, whole } from '../random.ts';
import { byteMutations, type Mutation, type Sources } from './bytes.ts';

/** Mutations of HTTP/2 frames: of which there are, of their fields, of what they carry. */
export const h2Mutations: readonly Mutation[] = [
  onFrames(dropFrame),
  onFrames(repeatFrame),
  onFrames(swapFrames),
  onFrames(changeField),
  onFrames(changeField),
  onFrames(changeLength),
  onFrames(changePayload),
  onFrames(cutBlock),
  onFrames(pad),
  onFrames(addFrame),
  onFrames(addFrame),
  onFrames(takeFrames),
];

type FrameMutation = (frames: Buffer[], sources: Sources) => void;

const increments = [0, 1, 1000, 65535, 0x3fff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const settingValues = [0, 1, 2, 100, 4096, 16383, 16384, 65535, 65536, 0xff_ffff, 0x7fff_ffff, 0xffff_ffff];
const fields: [string, string][] = [
  [':method', 'GET'],
  [':method', 'HEAD'],
  [':method', 'CONNECT'],
  [':method', 'POST'],
  [':scheme', 'https'],
  [':authority', 'a.test'],
  [':path', '/?tid=t'],
  [':path', '/s.S/M'],
  [':path', ''],
  [':protocol', 'websocket'],
  [':status', '200'],
  [':status', '103'],
  [':status', '304'],
  [':status', '0'],
  ['content-type', 'application/grpc'],
  ['content-type', 'application/grpc-web+proto'],
  ['content-length', '5'],
  ['content-length', 'x'],
  ['grpc-status', '0'],
  ['grpc-status', '99'],
  ['grpc-message', 'a%20b%'],
  ['grpc-timeout', '1S'],
  ['grpc-encoding', 'gzip'],
  ['te', 'trailers'],
  ['Upper', 'x'],
  ['connection', 'close'],
  ['x', '\u00e9\n'],
  ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
];

/** Frames of the bytes, a client preface and a cut last frame each as one of them. */
export function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let at = 0;
  if (bytes.subarray(0, clientPreface.length).equals(clientPreface)) {
    frames.push(bytes.subarray(0, clientPreface.length));
    at = clientPreface.length;
  }
  while (at < bytes.length) {
    const length = bytes.length - at >= frameHeaderBytes ? bytes.readUIntBE(at, 3) : 0;
    const end = Math.min(bytes.length, at + frameHeaderBytes + length);
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

function onFrames(mutation: FrameMutation): Mutation {
  return (bytes, sources) => {
    const frames = framesOf(bytes);
    mutation(frames, sources);
    return Buffer.concat(frames);
  };
}

function dropFrame(frames: Buffer[], { random }: Sources): void {
  frames.splice(whole(random, frames.length), few(random, 3));
}

function repeatFrame(frames: Buffer[], { random }: Sources): void {
  if (frames.length === 0) return;
  const frame = pick(random, frames);
  const times = random() < 0.9 ? few(random, 3) : whole(random, Math.ceil(4096 / (frame.length + 1)));
  frames.splice(whole(random, frames.length + 1), 0, ...Array<Buffer>(times).fill(frame));
}

function swapFrames(frames: Buffer[], { random }: Sources): void {
  if (frames.length < 2) return;
  const [one, two] = [whole(random, frames.length), whole(random, frames.length)];
  [frames[one], frames[two]] = [frames[two]!, frames[one]!];
}

function changeField(frames: Buffer[], { random }: Sources): void {
  edit(frames, random, (frame) => {
    const choice = whole(random, 4);
    if (choice === 0) frame[3] = whole(random, 12);
    else if (choice === 1) frame[4]! ^= pick(random, [1, 4, 8, 0x20, 0x40]);
    else frame.writeUInt32BE(streamId(frames, random), 5);
    return frame;
  });
}

/** A length that is not the payload's: everything after it is read from the wrong place. */
function changeLength(frames: Buffer[], { random }: Sources): void {
  edit(frames, random, (frame) => {
    const length = frame.readUIntBE(0, 3);
    const lie = pick(random, [0, 1, length + 1, length - 1, 16384, 16385, 0xff_ffff]);
    frame.writeUIntBE(lie & 0xff_ffff, 0, 3);
    return frame;
  });
}

function changePayload(frames: Buffer[], sources: Sources): void {
  const { random } = sources;
  edit(frames, random, (frame) => {
    const payload = pick(random, byteMutations)(frame.subarray(frameHeaderBytes), sources);
    return encodeFrame(frame[3]!, frame[4]!, frame.readUInt32BE(5), payload.subarray(0, 20_000));
  });
}

/** HEADERS as HEADERS and CONTINUATION. */
function cutBlock(frames: Buffer[], { random }: Sources): void {
  const index = frames.findIndex((frame) => isFrame(frame) && frame[3] === frameTypes.HEADERS);
  if (index < 0) return;
  const frame = frames[index]!;
  const payload = frame.subarray(frameHeaderBytes);
  const at = whole(random, payload.length + 1);
  const id = frame.readUInt32BE(5);
  const flags = frame[4]! & ~frameFlags.END_HEADERS;
  frames.splice(
    index,
    1,
    encodeFrame(frameTypes.HEADERS, flags, id, payload.subarray(0, at)),
    encodeContinuation(id, payload.subarray(at), random() < 0.8),
  );
}

function pad(frames: Buffer[], { random }: Sources): void {
  edit(frames, random, (frame) => {
    const bytes = whole(random, 20);
    const payload = Buffer.concat([
      Buffer.of(random() < 0.8 ? bytes : 255),
      frame.subarray(frameHeaderBytes),
      Buffer.alloc(bytes),
    ]);
    return encodeFrame(frame[3]!, frame[4]! | frameFlags.PADDED, frame.readUInt32BE(5), payload);
  });
}

function addFrame(frames: Buffer[], { random }: Sources): void {
  const added = Array.from({ length: few(random, 4) }, () => anyFrame(frames, random));
  frames.splice(whole(random, frames.length + 1), 0, ...added);
}

function takeFrames(frames: Buffer[], { random, other }: Sources): void {
  const theirs = framesOf(other());
  const from = whole(random, theirs.length);
  frames.splice(whole(random, frames.length + 1), 0, ...theirs.slice(from, from + few(random, 6)));
}

function anyFrame(frames: Buffer[], random: Random): Buffer {
  const id = streamId(frames, random);
  const flag = () => random() < 0.5;
  switch (whole(random, 13)) {
    case 0:
      return encodeSettings(
        Array.from({ length: whole(random, 4) }, () => [1 + whole(random, 9), pick(random, settingValues)]),
      );
    case 1:
      return encodeSettingsAck();
    case 2:
      return encodePing(Buffer.alloc(8, whole(random, 256)), flag());
    case 3:
      return encodeGoaway(id, whole(random, 15), 'debug'.slice(0, whole(random, 6)));
    case 4:
      return encodeRstStream(id, whole(random, 15));
    case 5:
      return encodeWindowUpdate(flag() ? 0 : id, pick(random, increments));
    case 6:
      return encodePriority(id, { exclusive: flag(), dependsOn: streamId(frames, random), weight: 16 });
    case 7:
      return encodeData(id, flag() ? 'hello' : grpcMessage(random), { endStream: flag() });
    case 8:
      return encodeContinuation(id, anyBlock(random), flag());
    case 9:
      return encodePushPromise(id, streamId(frames, random), anyBlock(random));
    default:
      return encodeHeaders(id, anyBlock(random), { endStream: flag(), endHeaders: random() < 0.9 });
  }
}

function grpcMessage(random: Random): Buffer {
  const length = whole(random, 8);
  return Buffer.concat([
    Buffer.of(pick(random, [0, 0, 0, 1, 2]), 0, 0, 0, length),
    Buffer.alloc(whole(random, 9)),
  ]);
}

function anyBlock(random: Random): Buffer {
  const list = Array.from({ length: whole(random, 7) }, () => pick(random, fields));
  return new HpackEncoder({ huffman: random() < 0.5 }).encode(
    list.map(([name, value]) => ({ name, value, indexing: random() < 0.7 ? 'without' : 'incremental' })),
  );
}

function streamId(frames: Buffer[], random: Random): number {
  const used = frames.filter(isFrame).map((frame) => frame.readUInt32BE(5));
  return random() < 0.6 && used.length > 0
    ? pick(random, used)
    : pick(random, [0, 1, 2, 3, 4, 5, 7, 9, 0x7fff_ffff]);
}

function isFrame(frame: Buffer): boolean {
  return frame.length >= frameHeaderBytes && !frame.equals(clientPreface);
}

function edit(frames: Buffer[], random: Random, change: (frame: Buffer) => Buffer): void {
  const index = whole(random, frames.length);
  const frame = frames[index];
  if (frame !== undefined && isFrame(frame)) frames[index] = change(Buffer.from(frame));
}
