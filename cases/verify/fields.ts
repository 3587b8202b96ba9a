import { show } from '../json.ts';

type Field = [string, string];

/** Lower-case names whose values the proxy must not write down; 1.50's default where the listener names none. */
export function redactedNames(logging: Record<string, unknown>): Set<string> {
  const names = logging.redact_headers ?? ['authorization', 'cookie', 'x-api-key'];
  return new Set((names as string[]).map((name) => name.toLowerCase()));
}

/**
 * Compares header fields without their order across names, pseudo-headers and hop-by-hop framing aside, which only one
 * hop sees. The value of a redacted name must be `***`.
 */
export function fieldDifference(
  witnessed: Field[],
  recorded: Field[],
  redacted: Set<string>,
): { expected: string; seen: string } | null {
  const expected = normal(
    witnessed.map(([name, value]) => [name, redacted.has(name.toLowerCase()) ? '***' : value]),
  );
  const seen = normal(recorded);
  if (expected.join('\n') === seen.join('\n')) return null;
  return {
    expected: show(expected.filter((field) => !seen.includes(field))),
    seen: show(seen.filter((field) => !expected.includes(field))),
  };
}

function normal(fields: Field[]): string[] {
  return fields
    .filter(([name]) => !name.startsWith(':'))
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .sort();
}

/** A path with the values of redacted query parameters replaced as the proxy must write it down. */
export function redactedPath(path: string, logging: Record<string, unknown>): string {
  const names = ((logging.redact_query ?? []) as string[]).map((name) => name.toLowerCase());
  return path.replace(/([?&])([^=&#]+)=([^&#]*)/g, (whole, mark: string, name: string) =>
    names.includes(name.toLowerCase()) ? `${mark}${name}=***` : whole,
  );
}
