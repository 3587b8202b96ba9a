/** The raw value of the first `tid=` query parameter, as sent; null where there is none. */
export function tidOf(path: string): string | null {
  const query = path.indexOf('?');
  if (query < 0) return null;
  for (const parameter of path
    .slice(query + 1)
    .split('#', 1)[0]!
    .split('&')) {
    if (parameter.startsWith('tid=')) return parameter.slice(4);
  }
  return null;
}

/** The trace id of a valid W3C traceparent, else null. */
export function traceIdOf(traceparent: string): string | null {
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(traceparent);
  if (match === null) return null;
  const [, version, traceId, spanId, more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  return /^0+$/.test(traceId!) || /^0+$/.test(spanId!) ? null : traceId!;
}
