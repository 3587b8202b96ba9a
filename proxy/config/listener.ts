import { defaultAlpn, readAddress, readAlpn } from './endpoint.ts';
import { readAuthorities, readIdentity, readRevocations } from './identity.ts';
import { readLogging } from './logging.ts';
import { readCidrs, readPolicy } from './policy.ts';
import { complain, placeOf, type Section, subsection } from './section.ts';
import type { ListenerConfig, ListenerTls } from './types.ts';
import { readUpstream } from './upstream.ts';
import { readChoice, readFlag, readNumber, readRequiredText, readText } from './values.ts';

/** Reads one entry of `listeners`; `jsonlPath` is what its logging names. */
export function readListener(section: Section): { listener: ListenerConfig; jsonlPath: string | null } {
  const name = readRequiredText(section, 'name', 'my-listener');
  const { host, port } = readAddress(section, 'listen', 0);
  const { logging, jsonlPath } = readLogging(subsection(section, 'logging'));
  const listener: ListenerConfig = {
    name,
    source: section.problems.place(placeOf(section, 'listen')),
    host,
    port,
    tls: readTls(section),
    proxyProtocol: readProxyProtocol(subsection(section, 'proxy_protocol')),
    upstream: readUpstream(section),
    policy: readPolicy(subsection(section, 'policy')),
    logging,
  };
  return { listener, jsonlPath };
}

function readTls(parent: Section): ListenerTls | null {
  if (!parent.values.has('tls')) return null;
  const section = subsection(parent, 'tls');
  if (section === null) {
    // An empty section is more likely a forgotten one than a wish for plaintext.
    if (isEmpty(parent))
      complain(parent, 'tls', 'is empty; give cert and key, or leave tls out for a plaintext listener');
    return null;
  }
  readRequiredText(section, 'cert', 'certs/server.pem');
  readRequiredText(section, 'key', 'certs/server-key.pem');
  const identity = readIdentity(section, 'cert', 'key', null);
  const requireClientCert = readFlag(section, 'require_client_cert', false);
  const clientCa = readAuthorities(section, 'client_ca');
  const clientCrl = readRevocations(section, 'client_crl');
  if (requireClientCert && readText(section, 'client_ca') === null) {
    complain(
      section,
      'require_client_cert',
      'needs tls.client_ca: the CA that client certificates must chain to',
    );
  }
  return {
    cert: identity?.cert ?? Buffer.alloc(0),
    key: identity?.key ?? Buffer.alloc(0),
    requireClientCert,
    clientCa,
    clientCrl,
    alpn: readAlpn(section) ?? defaultAlpn,
    minVersion: readMinVersion(section),
  };
}

const isEmpty = (parent: Section): boolean => {
  const node = parent.values.get('tls')!.node;
  return node === null || ('value' in node && node.value === null);
};

function readMinVersion(section: Section): ListenerTls['minVersion'] {
  const text = readText(section, 'min_version');
  if (text === null) return 'TLSv1.2';
  const match = /^(?:TLS)?v?1[._]([23])$/i.exec(text);
  if (match === null) complain(section, 'min_version', `must be TLS1.2 or TLS1.3; it is "${text}"`);
  return match?.[1] === '3' ? 'TLSv1.3' : 'TLSv1.2';
}

function readProxyProtocol(section: Section | null): ListenerConfig['proxyProtocol'] {
  if (section === null) return { mode: 'auto', trusted: [], timeoutMs: 3000 };
  return {
    mode: readChoice(section, 'mode', ['auto', 'off', 'required'], 'auto'),
    trusted: readCidrs(section, 'trusted'),
    timeoutMs: readNumber(section, 'timeout_ms', {
      byDefault: 3000,
      min: 0,
      max: 3_600_000,
      zeroIsDefault: true,
    }),
  };
}
