import { BlockList } from 'node:net';
import { expect, test } from 'vitest';
import { parseCidr } from './cidr.ts';

test.each([
  ['10.1.2.3/8', '10.255.0.1', true],
  ['10.1.2.3/8', '11.0.0.1', false],
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.1', '10.0.0.2', false],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['10.0.0.0/8', '::ffff:10.1.1.1', true],
  ['2001:db8::ff/32', '2001:db8:1::1', true],
  ['2001:db8::/32', '2001:db9::1', false],
  ['::1', '::1', true],
  ['::/0', '2001:db8::1', true],
])('%s holds %s: %s', (cidr, address, held) => {
  const { address: net, prefix, family } = parseCidr(cidr)!;
  const list = new BlockList();
  list.addSubnet(net, prefix, family);
  expect(list.check(address, address.includes(':') ? 'ipv6' : 'ipv4')).toBe(held);
});

test.each([
  '',
  'x',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '::1/129',
  '10.0.0/8',
  'fe80::1%eth0',
])('"%s" is none', (text) => {
  expect(parseCidr(text)).toBeNull();
});
