/** Every key a configuration file may hold, by section. */
export const keys = {
  '': ['listeners', 'overflow', 'shutdown_grace', 'workers'],
  listener: ['name', 'listen', 'tls', 'proxy_protocol', 'upstream', 'policy', 'logging'],
  tls: ['cert', 'key', 'require_client_cert', 'client_ca', 'client_crl', 'alpn', 'min_version'],
  proxy_protocol: ['mode', 'trusted', 'timeout_ms'],
  upstream: [
    'addr',
    'tls',
    'server_name',
    'verify',
    'ca',
    'crl',
    'alpn',
    'client_cert',
    'client_key',
    'client_key_password',
    'session_reuse',
  ],
  policy: [
    'allowlist',
    'max_connections',
    'maxconn_wait_warn_ms',
    'maxconn_wait_timeout_ms',
    'upstream_connect_timeout',
    'upstream_handshake_timeout',
    'tls_handshake_timeout',
    'read_timeout',
    'idle_timeout',
  ],
  logging: [
    'jsonl_path',
    'log_headers',
    'log_body',
    'body_max_bytes',
    'redact_headers',
    'redact_query',
    'sample_rate',
    'h2_control_events',
  ],
} as const;

export type SectionName = keyof typeof keys;

/** What to say of a key that `section` does not know: the likely misspelling, or the section it belongs to. */
export function unknownKey(key: string, section: SectionName): string {
  const known: readonly string[] = keys[section];
  for (const [name, theirs] of Object.entries(keys)) {
    if (name !== section && (theirs as readonly string[]).includes(key)) {
      return `unknown key "${key}" here; it belongs ${home(name)}`;
    }
  }
  const near = nearest(key, known);
  if (near !== null) return `unknown key "${key}"; did you mean "${near}"?`;
  return `unknown key "${key}"; ${section === '' ? 'the top level' : `a ${section}`} knows ${known.join(', ')}`;
}

function home(section: string): string {
  if (section === '') return 'at the top level of the file';
  return section === 'listener' ? 'in a listener' : `under "${section}"`;
}

function nearest(word: string, known: readonly string[]): string | null {
  let best: string | null = null;
  // A third of the word may be wrong: "alowlist" yes, "ca" for "key" no.
  let bestDistance = Math.floor(word.length / 3) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase().replaceAll('-', '_'), candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
