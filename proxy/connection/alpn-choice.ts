/** What to offer the upstream: the client's offers that the listener and the upstream allow, in the client's order. */
export function offersFor(
  client: readonly string[],
  listener: readonly string[],
  upstream: readonly string[],
): string[] {
  if (client.length === 0) return upstream.includes('http/1.1') ? ['http/1.1'] : [];
  return client.filter((protocol) => listener.includes(protocol) && upstream.includes(protocol));
}

/** The protocol the listener prefers of those the client offered; null when there is none. */
export function preferred(client: readonly string[], listener: readonly string[]): string | null {
  return listener.find((protocol) => client.includes(protocol)) ?? null;
}

/**
 * The protocol to answer the client with. `chosen` is the upstream's, null when it chose none: then HTTP/1.1 is what
 * an upstream without ALPN speaks (RFC 7301 leaves it to the application; HTTP/2 over TLS requires ALPN, RFC 9113 3.2).
 */
export function answerFor(
  chosen: string | null,
  client: readonly string[],
  listener: readonly string[],
): { alpn: string[] } | 'mismatch' {
  if (client.length === 0 || listener.length === 0) return { alpn: [] };
  const wanted = chosen ?? 'http/1.1';
  return client.includes(wanted) && listener.includes(wanted) ? { alpn: [wanted] } : 'mismatch';
}
