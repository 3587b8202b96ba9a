import { closeFact, handshakeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const clientAlpnMismatch: Rule = {
  id: 'client-alpn-mismatch',
  certainty: 'proof',
  looksFor: 'a client none of whose ALPN protocols the listener has',
  evidence: '`tls` `in` `fail` with cause `no_alpn`; `fingerprints.alpn_ch` is what the client offered first',
  cause:
    "The client's ALPN offers and the listener's tls.alpn have nothing in common; the handshake is refused (alert 120).",
  advice: "add the client's protocol to the listener's `tls.alpn`",
  lookAlikes: {
    'upstream-alpn-mismatch': 'there the listener agrees with the client and the upstream does not',
  },
  first(connection) {
    const { tlsIn, listener } = connection;
    if (tlsIn?.cause !== 'no_alpn') return null;
    const offered = tlsIn.firstOffer ?? 'none that was recorded';
    return {
      title: `clients offer ${offered} by ALPN and listener ${listener} has no such protocol`,
      key: `${listener} ${offered}`,
      evidence: [
        handshakeFact(tlsIn, `refused; the first protocol offered was ${offered}`),
        ...closeFact(connection, 'the connection ended there'),
      ],
      ruledOut: [
        ruledOut('certificates', 'ALPN is decided before any is judged', tlsIn),
        ruledOut('the upstream', 'it was not dialled: nothing could have been agreed on', connection.close),
      ],
      next: [
        step('Let the listener speak it', { config: `tls: { alpn: [${offered}, h2, http/1.1] }` }),
        step('Or correct the protocols the client offers; gRPC needs h2'),
      ],
    };
  },
};
