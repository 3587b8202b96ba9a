/** RFC 8701: values 0x0a0a, 0x1a1a … 0xfafa are noise and never part of a fingerprint. */
export function withoutGrease(values: readonly number[]): number[] {
  return values.filter((value) => (value & 0x0f0f) !== 0x0a0a || value >> 8 !== (value & 0xff));
}
