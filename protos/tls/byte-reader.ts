/** Reads big-endian fields from a buffer; the first read past the end sets `failed` and every read after it gives zeros. */
export type ByteReader = {
  readonly failed: boolean;
  readonly remaining: number;
  u8(): number;
  u16(): number;
  u24(): number;
  bytes(length: number): Buffer;
};

export function createByteReader(buffer: Buffer): ByteReader {
  let offset = 0;
  let failed = false;
  const take = (length: number): number => {
    if (failed || length > buffer.length - offset) {
      failed = true;
      return -1;
    }
    const at = offset;
    offset += length;
    return at;
  };
  const uint = (length: number): number => {
    const at = take(length);
    return at < 0 ? 0 : buffer.readUIntBE(at, length);
  };
  return {
    get failed() {
      return failed;
    },
    get remaining() {
      return failed ? 0 : buffer.length - offset;
    },
    u8: () => uint(1),
    u16: () => uint(2),
    u24: () => uint(3),
    bytes(length) {
      const at = take(length);
      return at < 0 ? Buffer.alloc(0) : buffer.subarray(at, at + length);
    },
  };
}
