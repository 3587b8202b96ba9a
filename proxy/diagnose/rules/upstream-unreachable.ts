import { ownEntry } from '../own-entry.ts';
import { closeFact, fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

const ways: Readonly<
  Record<string, { variant: string; says: string; next: (upstream: string) => ReturnType<typeof step>[] }>
> = {
  connection_refused: {
    variant: 'refused',
    says: 'refuses TCP connections: nothing listens there',
    next: (upstream) => [
      step('Start the upstream, or correct its address and port', {
        config: `upstream: { addr: "${upstream}" }`,
      }),
      step('See what listens there', { command: `ss -ltn 'sport = :${portOf(upstream)}'` }),
    ],
  },
  connection_timeout: {
    variant: 'timeout',
    says: 'does not answer TCP at all: packets are dropped on the way, or the host is down',
    next: (upstream) => [
      step('Look for a firewall or a security group between the proxy and the upstream', {
        command: `nc -vz -w 5 ${hostOf(upstream)} ${portOf(upstream)}`,
      }),
    ],
  },
  connection_terminated: {
    variant: 'terminated',
    says: 'ends connections while they are being made',
    next: () => [step('Look for a limit on connections at the upstream or at a firewall before it')],
  },
  dns_error: {
    variant: 'dns',
    says: 'has a name that does not resolve',
    next: (upstream) => [
      step('Correct the name, or the resolver of the machine the proxy runs on', {
        command: `getent hosts ${hostOf(upstream)}`,
      }),
    ],
  },
  dns_timeout: {
    variant: 'dns-timeout',
    says: 'has a name whose resolution takes too long',
    next: (upstream) => [
      step('Look at the resolver: /etc/resolv.conf and the servers it names', {
        command: `time getent hosts ${hostOf(upstream)}`,
      }),
    ],
  },
  destination_ip_unroutable: {
    variant: 'unroutable',
    says: 'has an address to which there is no route',
    next: (upstream) => [step('Look at the routes', { command: `ip route get ${hostOf(upstream)}` })],
  },
  proxy_internal_error: {
    variant: 'proxy',
    says: 'cannot be dialled by the proxy: it lacks a descriptor, a port or memory',
    next: () => [
      step('Raise the number of files the proxy may open', {
        command: 'ulimit -n; systemctl show -p LimitNOFILE wiretracer',
      }),
    ],
  },
};

export const upstreamUnreachable: Rule = {
  id: 'upstream-unreachable',
  certainty: 'proof',
  looksFor: 'an upstream to which no TCP connection can be made',
  evidence:
    '`conn` `close` with term `SC`, `sC` or `IC` and the cause in the words of RFC 9209; no `tls` `out` record',
  cause: 'The proxy cannot connect to the upstream.',
  advice: 'check address, port, name, route and firewall, in the order the variant says',
  variants: {
    refused: 'RST to the SYN',
    timeout: 'no answer to the SYN',
    terminated: 'ended while connecting',
    dns: 'the name does not resolve',
    'dns-timeout': 'resolving takes too long',
    unroutable: 'no route',
    proxy: 'the proxy lacks something',
    unknown: 'wiretracer 1.50 does not tell which',
  },
  lookAlikes: {
    'upstream-tls-broken': 'there TCP is up and the handshake ends',
    'upstream-cut': 'there a request was on its way',
  },
  first(connection) {
    const { close, tlsOut, upstream } = connection;
    if (close === null || tlsOut !== null || !/^(?:[Ss]C|IC)$/.test(close.term ?? '')) return null;
    const way = ownEntry(ways, close.cause ?? '');
    const says = way?.says ?? 'cannot be reached';
    return {
      variant: way?.variant ?? 'unknown',
      ...(way === undefined ? { certainty: 'hint' as const } : {}),
      title: `upstream ${upstream} ${says}`,
      key: upstream,
      evidence: [
        ...closeFact(connection, 'the attempt, as it ended'),
        ...(connection.open === null
          ? []
          : [
              fact(
                connection.open,
                { upstream_addr: upstream, listener: connection.listener },
                'where the listener leads',
              ),
            ]),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in'),
        ruledOut('TLS with the upstream', 'there is no tls out record: it was never begun', close),
      ],
      next: way?.next(upstream) ?? [
        step('Try it by hand', { command: `nc -vz ${hostOf(upstream)} ${portOf(upstream)}` }),
      ],
    };
  },
};

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

function hostOf(address: string): string {
  return address.slice(0, Math.max(0, address.lastIndexOf(':'))).replace(/^\[(.*)\]$/, '$1');
}
