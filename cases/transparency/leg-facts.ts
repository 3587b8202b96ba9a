/**
 * What a client or a server sees differently with a proxy between them although the proxy changes nothing: each with the
 * reason. Everything else is compared. A case adds its own under `direct: { differs: { path: reason } }`.
 */
export type LegFact = {
  /** Of an outcome, its segments joined by dots; `*` is any one segment. What lies below it is left out too. */
  path: string;
  /** `tls`: only where a connection speaks TLS. `plain counterpart`: only where the client speaks TLS to the proxy alone. */
  when?: 'tls' | 'plain counterpart';
  reason: string;
};

export const legFacts: LegFact[] = [
  { path: 'client.duration_ms', reason: 'the time of two connections and of the proxy' },
  { path: 'client.tls.version', reason: 'each leg has a TLS session of its own' },
  { path: 'client.tls.cipher', reason: 'each leg has a TLS session of its own' },
  { path: 'client.tls.server_cert', reason: "the client sees the proxy's certificate" },
  { path: 'client.tls', when: 'plain counterpart', reason: 'an upstream without TLS is met without TLS' },
  {
    path: 'client.received_bytes',
    when: 'tls',
    reason: 'records are cut anew on each leg, and its handshake and tickets are its own',
  },
  { path: 'server.*.open.*.local', reason: 'an address of this leg' },
  { path: 'server.*.tls.*.version', reason: 'each leg has a TLS session of its own' },
  { path: 'server.*.tls.*.cipher', reason: 'each leg has a TLS session of its own' },
  { path: 'server.*.tls.*.resumed', reason: 'each leg has a TLS session of its own' },
  { path: 'server.*.tls.*.sni', reason: 'the proxy asks for the server_name of its configuration' },
  {
    path: 'server.*.close.*.bytes_in',
    when: 'tls',
    reason: 'records are cut anew on each leg, and its handshake is its own',
  },
  {
    path: 'server.*.close.*.bytes_out',
    when: 'tls',
    reason: 'records are cut anew on each leg, and its handshake and tickets are its own',
  },
];
