import type { Field } from './fields.ts';

const factors: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500`, `1.5s` (of milliseconds), or a date for a time; null for anything else. */
export function readNumber(text: string, field: Pick<Field, 'type' | 'names'>): number | null {
  const found = /^(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(ms|s|m|h)?$/i.exec(text);
  if (found !== null) {
    const unit = (found[2] ?? '').toLowerCase();
    const isDuration = field.names.some((name) => name.endsWith('_ms'));
    return unit === '' || isDuration ? Number(found[1]) * factors[unit]! : null;
  }
  if (field.type !== 'time' || !/^\d{4}-\d\d/.test(text)) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms / 1000;
}
