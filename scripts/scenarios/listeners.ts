/** Listeners as scenarios use them. */
import type { Lab } from './lab.ts';
import type { ProxyListener } from './proxy.ts';

const local = (port: number) => `127.0.0.1:${port}`;

/** What a client of a TLS listener is shown, and what it may offer. */
export const serverTls = (lab: Lab, more: Record<string, unknown> = {}) => ({
  cert: `${lab.certs}/server.crt`,
  key: `${lab.certs}/server.key`,
  ...more,
});

/** TLS to the upstream, with the lab's CA. */
export const upstreamTls = (lab: Lab, port: number, more: Record<string, unknown> = {}) => ({
  addr: local(port),
  tls: true,
  server_name: 'localhost',
  ca: `${lab.certs}/ca.crt`,
  ...more,
});

export const plainUpstream = (port: number) => ({ addr: local(port) });

export const plainListener = (name: string, port: number): ProxyListener => ({
  name,
  upstream: plainUpstream(port),
});

export const tlsListener = (
  lab: Lab,
  name: string,
  port: number,
  { tls = {}, upstream = {} }: { tls?: Record<string, unknown>; upstream?: Record<string, unknown> } = {},
): ProxyListener => ({
  name,
  tls: serverTls(lab, tls),
  upstream: upstreamTls(lab, port, upstream),
});

/** A client of gRPC offers h2 alone, and so does a listener made for it. */
export const grpcListener = (
  lab: Lab,
  name: string,
  port: number,
  upstream: Record<string, unknown> = {},
): ProxyListener =>
  tlsListener(lab, name, port, { tls: { alpn: ['h2'] }, upstream: { alpn: ['h2'], ...upstream } });
