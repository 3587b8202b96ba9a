import { expect, test } from 'vitest';
import type { CaseInstance } from '../load/catalog.ts';
import { unfitFor150 } from './configuration.ts';

test.each([
  [{ listener: {} }, null],
  [{}, null],
  [{ expect: { records: [{}], proxy: { exit_code: 0 } } }, null],
  [
    { expect: { records: [{}], proxy: { bystander: {} } } },
    'connections beside those of the case are needed, which records of 1.50 do not tell apart',
  ],
  [
    { listener: { tls: { alpn: ['h2'] }, policy: { max_connections: 1 }, logging: { sample_rate: 0 } } },
    null,
  ],
  [{ listener: { tls: false as const } }, 'a plaintext listener: 1.50 has TLS on every listener'],
  [{ listener: { listen: '[::1]:0' } }, 'an IPv6 listener: 1.50 cannot bind one'],
  [
    { listener: { policy: { read_timeout: 0.2 } } },
    'policy.read_timeout: 1.50 never loads it from its configuration',
  ],
  [{ listener: { proxy_protocol: { mode: 'required' } } }, 'proxy_protocol.mode: 1.50 has no such key'],
  [{ listener: { upstream: { crl: 'fixture:ca.crl' } } }, 'upstream.crl: 1.50 has no such key'],
])('%j runs or is skipped with the reason', (instance, reason) => {
  expect(unfitFor150({ expect: { records: [{}] }, ...instance } as CaseInstance)).toBe(reason);
});
