/** What one connection may make the tap keep, whatever its peers send. */
export const limits = {
  /** Streams followed at once; one beyond is relayed without an event of its own. */
  streams: 10_000,
  /** One header block before HPACK, HEADERS and CONTINUATION together. */
  headerBlockBytes: 1 << 20,
  /** One header list after HPACK, as far as a record keeps it. */
  headerListBytes: 1 << 16,
  /** Header lists of all open streams together. */
  headerBytesOfOpenStreams: 8 << 20,
  /** Header lists that one chunk of at most 64 KiB may name; of those beyond it a record keeps the first fields. */
  headerBytesOfChunk: 1 << 20,
  /** Never cut for that, and what a cut list keeps. */
  shortListBytes: 2048,
  /** Captured bodies of all open streams together. */
  bodyBytesOfOpenStreams: 64 << 20,
  /** The dynamic table of one direction. */
  tableBytes: 1 << 20,
  /** SETTINGS, GOAWAY and other frames that are read whole; larger ones need a raised SETTINGS_MAX_FRAME_SIZE and a reason. */
  controlFrameBytes: 1 << 20,
  settingsAwaitingAck: 64,
  goawayDebugBytes: 4096,
  informational: 32,
  /** Streams reset lately, whose late frames are no surprise. */
  resetStreams: 512,
  decodeErrorRows: 16,
  fingerprintPriorities: 32,
} as const;
