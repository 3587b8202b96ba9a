/** What a client sends first (RFC 9113 section 3.4). */
export const clientPreface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** RFC 9113 section 6. */
export const frameTypes = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

/** END_STREAM and ACK share a bit: which one it is depends on the frame type. */
export const frameFlags = {
  END_STREAM: 0x1,
  ACK: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** RFC 9113 section 7. */
export const errorCodes = {
  NO_ERROR: 0,
  PROTOCOL_ERROR: 1,
  INTERNAL_ERROR: 2,
  FLOW_CONTROL_ERROR: 3,
  SETTINGS_TIMEOUT: 4,
  STREAM_CLOSED: 5,
  FRAME_SIZE_ERROR: 6,
  REFUSED_STREAM: 7,
  CANCEL: 8,
  COMPRESSION_ERROR: 9,
  CONNECT_ERROR: 10,
  ENHANCE_YOUR_CALM: 11,
  INADEQUATE_SECURITY: 12,
  HTTP_1_1_REQUIRED: 13,
} as const;

export type ErrorCodeName = keyof typeof errorCodes;

/** RFC 9113 section 6.5.2, ENABLE_CONNECT_PROTOCOL from RFC 8441, NO_RFC7540_PRIORITIES from RFC 9218. */
export const settings = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
  ENABLE_CONNECT_PROTOCOL: 8,
  NO_RFC7540_PRIORITIES: 9,
} as const;

/** What holds before the first SETTINGS frame; a setting not named here has no value until it is sent. */
export const settingDefaults: Readonly<Record<number, number>> = {
  [settings.HEADER_TABLE_SIZE]: 4096,
  [settings.ENABLE_PUSH]: 1,
  [settings.INITIAL_WINDOW_SIZE]: 65535,
  [settings.MAX_FRAME_SIZE]: 16384,
  [settings.ENABLE_CONNECT_PROTOCOL]: 0,
  [settings.NO_RFC7540_PRIORITIES]: 0,
};

export const frameHeaderBytes = 9;
export const defaultWindowBytes = 65535;
/** A window above this is a FLOW_CONTROL_ERROR (RFC 9113 section 6.9.1). */
export const maxWindowBytes = 0x7fff_ffff;

/** The name of an error code, or the number in decimal when RFC 9113 does not name it. */
export function errorCodeName(code: number): string {
  return errorNames.get(code) ?? String(code);
}

/** The name of a setting, or the number in decimal when no RFC names it. */
export function settingName(id: number): string {
  return settingNames.get(id) ?? String(id);
}

/** The name of a frame type, or the number in decimal when RFC 9113 does not name it. */
export function frameTypeName(type: number): string {
  return frameTypeNames.get(type) ?? String(type);
}

const errorNames = namesOf(errorCodes);
const settingNames = namesOf(settings);
const frameTypeNames = namesOf(frameTypes);

function namesOf(numbers: Readonly<Record<string, number>>): Map<number, string> {
  return new Map(Object.entries(numbers).map(([name, number]) => [number, name]));
}
