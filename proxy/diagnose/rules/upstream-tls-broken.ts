import { closeFact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const upstreamTlsBroken: Rule = {
  id: 'upstream-tls-broken',
  certainty: 'strong',
  looksFor: 'an upstream that closes, resets or breaks the rules during its TLS handshake',
  evidence: '`tls` `out` `fail` with cause `connection_terminated` or `tls_protocol_error`, or without any',
  cause:
    'The upstream ended its TLS handshake without a word, or broke it: a limit, a crash, a defect, or a port that is not for TLS.',
  advice: 'read the log of the upstream at this time; try the handshake by hand',
  variants: { closed: 'FIN or RST without an alert', broken: 'what it sent breaks TLS' },
  lookAlikes: {
    'upstream-unreachable': 'there not even TCP is up',
    'upstream-speaks-plaintext': 'there an answer came, and it is no TLS',
    'proxy-header-not-understood':
      'an upstream that takes a PROXY header for a broken ClientHello looks the same',
    deadline: 'there the upstream stays silent instead',
  },
  first(connection) {
    const failed = [connection.tlsOut, ...connection.late].find((one) => one?.side === 'out' && !one.ok);
    if (!failed || failed.cause === 'shutdown') return null;
    const { upstream, proxyVersion } = connection;
    const broken = failed.cause === 'tls_protocol_error';
    const says = failed.detail ?? failed.reason ?? 'no detail';
    return {
      variant: broken ? 'broken' : 'closed',
      ...(failed.cause === null ? { certainty: 'hint' as const } : {}),
      title: `upstream ${upstream} ${broken ? 'breaks' : 'ends'} the TLS handshake: ${says}`,
      key: `${upstream} ${broken ? says : ''}`,
      evidence: [handshakeFact(failed, says), ...closeFact(connection, 'the connection ended there')],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'upstream'),
        ruledOut('certificates', 'neither side sent an alert about one', failed),
        ...(proxyVersion === 'none'
          ? [
              ruledOut(
                'a PROXY header the upstream does not understand',
                'none was forwarded',
                connection.open,
              ),
            ]
          : []),
      ],
      next: [
        step('Try it by hand', { command: `openssl s_client -connect ${upstream} -msg </dev/null` }),
        step('Read the log of the upstream at this time; look for limits on connections and for restarts'),
      ],
    };
  },
};
