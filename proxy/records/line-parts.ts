/** The pieces every line writer is made of. Keys and punctuation are literals; only values pass through here. */

export const text = (value: string): string => JSON.stringify(value);

export const maybeText = (value: string | null): string => (value === null ? 'null' : JSON.stringify(value));

/** A number that JSON cannot say (NaN, Infinity) would break the whole line, so it is written as null. */
export const real = (value: number): string => (Number.isFinite(value) ? String(value) : 'null');

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
