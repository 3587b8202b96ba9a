import { defaultAlpn, readAddress, readAlpn } from './endpoint.ts';
import { readAuthorities, readIdentity, readRevocations } from './identity.ts';
import { complain, nodeOf, type Section, subsection } from './section.ts';
import type { UpstreamConfig } from './types.ts';
import { readFlag, readText } from './values.ts';

export function readUpstream(parent: Section): UpstreamConfig {
  const section = subsection(parent, 'upstream');
  if (section === null) {
    if (nodeOf(parent, 'upstream') === null) {
      complain(parent, 'upstream', 'is missing; write upstream: {addr: "127.0.0.1:8443", tls: true}');
    }
    return { addr: '', host: '', port: 0, tls: null };
  }
  const { host, port, text: addr } = readAddress(section, 'addr', 1);
  const tls = readTls(section, host);
  return { addr, host, port, tls: readFlag(section, 'tls', false) ? tls : null };
}

/** Read also when tls is false, so that a mistake shows before the day tls is switched on. */
function readTls(section: Section, host: string): NonNullable<UpstreamConfig['tls']> {
  const serverName = readText(section, 'server_name');
  const password = readText(section, 'client_key_password');
  const certPath = readText(section, 'client_cert');
  const keyPath = readText(section, 'client_key');
  if (certPath !== null && keyPath === null) {
    complain(section, 'client_cert', 'needs upstream.client_key: a certificate is useless without its key');
  }
  if (keyPath !== null && certPath === null) {
    complain(section, 'client_key', 'needs upstream.client_cert: a key is useless without its certificate');
  }
  const identity = readIdentity(section, 'client_cert', 'client_key', password);
  const alpn = readAlpn(section) ?? [];
  return {
    serverName,
    effectiveServerName: serverName ?? host,
    verify: readFlag(section, 'verify', true),
    caPath: readText(section, 'ca'),
    ca: readAuthorities(section, 'ca'),
    crl: readRevocations(section, 'crl'),
    alpn: alpn.length > 0 ? alpn : defaultAlpn,
    clientCert: identity?.cert ?? null,
    clientKey: identity?.key ?? null,
    clientKeyPassword: password,
    sessionReuse: readFlag(section, 'session_reuse', false),
  };
}
