import { isObject } from '../json.ts';
import type { CaseInstance } from '../load/catalog.ts';

/**
 * Why a case cannot run on a program that knows the configuration of wiretracer 1.50 alone; null when it can. Keys that
 * program lacks are never left out in silence: without them the case would ask another question.
 */
export function unfitFor150({
  listener = {},
  isolate,
  expect,
}: Pick<CaseInstance, 'listener' | 'isolate' | 'expect'>): string | null {
  if (typeof isolate === 'string' || Object.keys(expect.proxy ?? {}).some((key) => key !== 'exit_code'))
    return 'connections beside those of the case are needed, which records of 1.50 do not tell apart';
  if (listener.tls === false) return 'a plaintext listener: 1.50 has TLS on every listener';
  if (typeof listener.listen === 'string' && listener.listen.startsWith('['))
    return 'an IPv6 listener: 1.50 cannot bind one';
  for (const [section, value] of Object.entries(listener)) {
    const known = keys150[section];
    if (known === undefined) return `${section}${onlyKey(value)}: 1.50 has no such key`;
    if (known === true || !isObject(value)) continue;
    const odd = Object.keys(value).find((key) => !known.includes(key));
    if (odd !== undefined) return `${section}.${odd}: ${neverLoaded.includes(odd) ? notLoaded : noSuchKey}`;
  }
  return null;
}

const noSuchKey = '1.50 has no such key';
const notLoaded = '1.50 never loads it from its configuration';
/** Its code asks for them, its loader does not set them: the limits are always 30 s and 120 s. */
const neverLoaded = ['read_timeout', 'idle_timeout'];

const keys150: Record<string, true | readonly string[]> = {
  name: true,
  listen: true,
  tls: ['cert', 'key', 'require_client_cert', 'client_ca', 'alpn', 'min_version'],
  upstream: [
    'addr',
    'tls',
    'server_name',
    'verify',
    'ca',
    'alpn',
    'client_cert',
    'client_key',
    'client_key_password',
  ],
  policy: [
    'allowlist',
    'max_connections',
    'upstream_connect_timeout',
    'upstream_handshake_timeout',
    'maxconn_wait_warn_ms',
  ],
  logging: [
    'log_headers',
    'log_body',
    'body_max_bytes',
    'redact_headers',
    'sample_rate',
    'h2_control_events',
    'jsonl_path',
  ],
};

/** Of a section 1.50 lacks whole, the key the case is about. */
function onlyKey(section: unknown): string {
  const keys = isObject(section) ? Object.keys(section) : [];
  return keys.length === 1 ? `.${keys[0]}` : '';
}
