import { expect, test } from 'vitest';
import { createAddressMatcher, unknownPeerIp } from './allowlist.ts';

test.each([
  ['everyone, by an empty list', [], '203.0.113.9', true],
  ['an IPv4 peer', ['127.0.0.0/8'], '127.1.2.3', true],
  ['an IPv4 peer of a dual-stack listener', ['127.0.0.0/8'], '::ffff:127.1.2.3', true],
  ['another one', ['127.0.0.0/8'], '::ffff:10.1.2.3', false],
  ['an IPv6 peer', ['2001:db8::/32'], '2001:db8::5', true],
  ['an IPv6 peer by an IPv4 rule', ['0.0.0.0/0'], '2001:db8::5', false],
  ['an address without a prefix', ['10.0.0.1'], '10.0.0.2', false],
  ['a peer whose address nobody knows any more', ['0.0.0.0/0', '::/0'], unknownPeerIp, false],
  ['the same, by an empty list', [], unknownPeerIp, true],
])('%s', (_what, cidrs, ip, allowed) => {
  expect(createAddressMatcher(cidrs)(ip)).toBe(allowed);
});
