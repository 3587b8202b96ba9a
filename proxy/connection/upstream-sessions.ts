/**
 * TLS sessions an upstream let us resume. One of these belongs to one listener, so everything a session must not outlive (host,
 * port, server name, CAs, client certificate, whether to verify) is the same for all that is kept here; only the ALPN offers vary.
 */
export type UpstreamSessions = {
  /** The newest session for these offers, null when there is none whose certificate is still valid. */
  offer(alpn: readonly string[], nowMs: number): KnownSession | null;
  keep(alpn: readonly string[], session: KnownSession): void;
  /** After a handshake that failed: the next one is a full one, whatever the reason was. */
  forget(alpn: readonly string[]): void;
};

export type KnownSession = {
  /** As of TLSSocket's `session` event. */
  ticket: Buffer;
  /** When the certificate of the full handshake expires, epoch milliseconds. */
  notAfterMs: number;
};

/** Clients choose what is offered: of two protocols there are four lists, and a configuration may name more. */
const MAX_OFFERS = 16;

export function createUpstreamSessions(): UpstreamSessions {
  const sessions = new Map<string, KnownSession>();
  const key = (alpn: readonly string[]): string => alpn.join(',');
  return {
    offer(alpn, nowMs) {
      const found = sessions.get(key(alpn));
      if (found === undefined) return null;
      if (nowMs < found.notAfterMs) return found;
      sessions.delete(key(alpn));
      return null;
    },
    keep(alpn, session) {
      const name = key(alpn);
      if (!sessions.has(name) && sessions.size >= MAX_OFFERS) sessions.delete(sessions.keys().next().value!);
      sessions.set(name, session);
    },
    forget: (alpn) => {
      sessions.delete(key(alpn));
    },
  };
}
