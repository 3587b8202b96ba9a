import { show } from '../json.ts';

type Field = [string, string];

/** Lower-case names whose values the proxy must not write down; 1.50's default where the listener names none. */
export function redactedNames(logging: Record<string, unknown>): Set<string> {
  const names = logging.redact_headers ?? ['authorization', 'cookie', 'x-api-key'];
  return new Set((names as string[]).map((name) => name.toLowerCase()));
}

/**
 * Compares header fields, pseudo-headers aside, which not every witness shows. A witness that saw them knows their order and
 * the case of their names too; one that only asked for them does not. The value of a redacted name must be `***`.
 */
export function fieldDifference(
  witnessed: Field[],
  recorded: Field[],
  redacted: Set<string>,
  witness: 'saw them' | 'asked for them' = 'saw them',
): { expected: string; seen: string } | null {
  const normal = witness === 'saw them' ? lines : sortedLines;
  const expected = normal(
    witnessed.map(([name, value]) => [name, redacted.has(name.toLowerCase()) ? '***' : value]),
  );
  const seen = normal(recorded);
  if (expected.join('\n') === seen.join('\n')) return null;
  const lost = expected.filter((field) => !seen.includes(field));
  const made = seen.filter((field) => !expected.includes(field));
  // The same fields, in another order.
  const moved = lost.length === 0 && made.length === 0;
  return { expected: show(moved ? expected : lost), seen: show(moved ? seen : made) };
}

function lines(fields: Field[]): string[] {
  return fields.filter(([name]) => !name.startsWith(':')).map(([name, value]) => `${name}: ${value}`);
}

function sortedLines(fields: Field[]): string[] {
  return lines(fields.map(([name, value]) => [name.toLowerCase(), value])).sort();
}

/** A path with the values of redacted query parameters replaced as the proxy must write it down. */
export function redactedPath(path: string, logging: Record<string, unknown>): string {
  const names = ((logging.redact_query ?? []) as string[]).map((name) => name.toLowerCase());
  return path.replace(/([?&])([^=&#]+)=([^&#]*)/g, (whole, mark: string, name: string) =>
    names.includes(name.toLowerCase()) ? `${mark}${name}=***` : whole,
  );
}
