import type { ReadRecord } from '../../query/reading/record-reader.ts';

/** Values out of records that nobody has checked. */
export function textOf(value: unknown, maxLength = 300): string | null {
  if (typeof value !== 'string') return null;
  return value.length > maxLength ? value.slice(0, maxLength) : value;
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : nothing;
}

const nothing: Readonly<Record<string, unknown>> = {};

export function textsOf(value: unknown, most = 16): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string').slice(0, most) : [];
}

/** Where a fact was read. */
export type Source = { record: string | null; line: number; kind: string };

export function sourceOf(record: ReadRecord, line: number): Source {
  return { record: textOf(record.id), line, kind: record.kind };
}

/** `h2_rst:CANCEL` is the word `h2_rst` with the detail `CANCEL`. */
export function wordOf(cause: string | null): string | null {
  if (cause === null) return null;
  const colon = cause.indexOf(':');
  return colon < 0 ? cause : cause.slice(0, colon);
}

export function detailOfCause(cause: string | null): string | null {
  const colon = cause?.indexOf(':') ?? -1;
  return colon < 0 ? null : cause!.slice(colon + 1);
}
