/** The pieces every line writer is made of. Keys and punctuation are literals; only values pass through here. */

/** Most texts need no escape, and asking that first is several times cheaper than JSON.stringify. */
export const text = (value: string): string =>
  NEEDS_ESCAPE.test(value) ? JSON.stringify(value) : `"${value}"`;

/** RFC 8259 7, and lone surrogates, which are no UTF-8. */
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

export const maybeText = (value: string | null): string => (value === null ? 'null' : text(value));

/** A number that JSON cannot say (NaN, Infinity) would break the whole line, so it is written as null. */
export const real = (value: number): string => (Number.isFinite(value) ? String(value) : 'null');

/**
 * Epoch seconds with six digits, the resolution of the clock they come from. Two integers are written in half the time of
 * the shortest digits that give back a double, and the first of them is nearly always that of the line before.
 */
export function epochSeconds(seconds: number): string {
  const us = Math.round(seconds * 1e6);
  const whole = Math.floor(us / 1e6);
  if (whole !== lastSecond) {
    if (!Number.isFinite(whole)) return 'null';
    lastSecond = whole;
    lastSecondText = `${whole}.`;
  }
  return lastSecondText + String(1_000_000 + (us - whole * 1e6)).slice(1);
}

let lastSecond = 0;
let lastSecondText = '0.';

export const integer = (value: number | null): string =>
  value === null || !Number.isFinite(value) ? 'null' : String(Math.round(value));

export const maybeBoolean = (value: boolean | null): string =>
  value === null ? 'null' : value ? 'true' : 'false';

export const texts = (values: readonly string[]): string =>
  values.length === 0 ? '[]' : JSON.stringify(values);

export const integers = (values: readonly number[]): string =>
  values.length === 0 ? '[]' : `[${values.map(integer).join(',')}]`;

export const tlsParameters = (tls: {
  sni: string | null;
  alpn: string | null;
  version: string | null;
  cipher: string | null;
}): string =>
  `{"sni":${maybeText(tls.sni)},"alpn":${maybeText(tls.alpn)},"version":${maybeText(tls.version)},"cipher":${maybeText(tls.cipher)}}`;
