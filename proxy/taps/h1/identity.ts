/** Raw value of the first `tid=` parameter in the query of a request target; null without one. */
export function tidOfTarget(target: string): string | null {
  const query = target.indexOf('?');
  if (query < 0) return null;
  const end = target.indexOf('#', query);
  for (const parameter of target.slice(query + 1, end < 0 ? undefined : end).split('&')) {
    if (parameter.startsWith('tid=')) return parameter.slice(4);
  }
  return null;
}

/** Trace id of a `traceparent` (W3C Trace Context 2.2); null when it is not valid. */
export function traceIdOf(traceparent: string | null): string | null {
  const match = pattern.exec(traceparent ?? '');
  if (match === null) return null;
  const [, version, traceId, parentId, rest] = match;
  if (version === 'ff' || (version === '00' && rest !== '')) return null;
  return /^0+$/.test(traceId!) || /^0+$/.test(parentId!) ? null : traceId!;
}

/** Higher versions may append fields after a dash. */
const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(|-.*)$/;
