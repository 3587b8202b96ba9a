/**
 * Counts the bytes that this thread's Buffers copy or allocate: work that can be counted, on any machine and however busy it
 * is. A decoder that copies all it has for each piece that comes shows here and not in a clock.
 */
export const meter = { bytes: 0, installed: false };

/** Replaces the functions of Buffer by ones that count, for good: call it in a thread of its own. */
export function installMeter(): void {
  if (meter.installed) return;
  meter.installed = true;
  for (const name of ['concat', 'from', 'alloc', 'allocUnsafe'] as const) {
    const made = Buffer[name] as (...args: unknown[]) => Buffer;
    Object.assign(Buffer, { [name]: (...args: unknown[]) => counted(made.apply(Buffer, args)) });
  }
  const { copy, toString: textOf } = Buffer.prototype;
  Buffer.prototype.copy = function (this: Buffer, ...args: Parameters<Buffer['copy']>) {
    const bytes = copy.apply(this, args);
    meter.bytes += bytes;
    return bytes;
  };
  Buffer.prototype.toString = function (this: Buffer, ...args: Parameters<Buffer['toString']>) {
    const text = textOf.apply(this, args);
    meter.bytes += text.length;
    return text;
  };
}

function counted(buffer: Buffer): Buffer {
  meter.bytes += buffer.length;
  return buffer;
}
