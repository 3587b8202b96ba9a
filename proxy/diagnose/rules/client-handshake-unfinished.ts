import { ownEntry } from '../own-entry.ts';
import { closeFact, handshakeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

const ways: Readonly<Record<string, { variant: string; says: string }>> = {
  timeout: { variant: 'silent', says: 'go silent' },
  client_eof: { variant: 'closed', says: 'close (FIN)' },
  client_reset: { variant: 'reset', says: 'reset (RST)' },
};

export const clientHandshakeUnfinished: Rule = {
  id: 'client-handshake-unfinished',
  certainty: 'strong',
  looksFor: 'a client that goes silent, closes or resets before its TLS handshake is complete',
  evidence: '`tls` `in` `fail` with cause `timeout`, `client_eof` or `client_reset`, and a sound upstream',
  cause:
    'The client never ended its handshake: a port scan or health check that only connects, a client that waits for the server to speak first, or one that gave up.',
  advice:
    'see who it is: scanners and health checks are harmless; a client that gave up has a shorter patience than the proxy',
  variants: {
    silent: 'no byte until the time limit passed',
    closed: 'FIN before the end',
    reset: 'RST before the end',
  },
  lookAlikes: {
    deadline: 'there the client waits for an upstream that does not end its own handshake',
    'client-rejects-certificate': 'there the client says why it leaves',
    'client-refuses-name': 'there all that ask for one name leave, and those that ask for another do not',
  },
  first(connection) {
    const { tlsIn, tlsOut, listener } = connection;
    const way = ownEntry(ways, tlsIn?.cause ?? '');
    if (tlsIn === null || way === undefined || tlsOut?.ok === false) return null;
    const began = tlsIn.ja4 === null ? 'no whole ClientHello came' : 'its ClientHello had come';
    return {
      variant: way.variant,
      // Who leaves with the certificate before him may refuse it: another rule may tell.
      ...(tlsIn.ja4 === null ? {} : { certainty: 'hint' as const }),
      title: `clients ${way.says} before their TLS handshake with listener ${listener} is complete`,
      key: listener,
      evidence: [handshakeFact(tlsIn, began), ...closeFact(connection, 'the connection ended there')],
      ruledOut: [
        ruledOut(
          'an upstream that is slow in TLS',
          tlsOut === null ? 'it had not been dialled yet' : 'its handshake had succeeded',
          tlsOut ?? tlsIn,
        ),
        ruledOut('a refused certificate', 'neither side sent an alert', tlsIn),
      ],
      next: [
        step(
          tlsIn.ja4 === null
            ? 'A balancer that checks by connecting alone looks like this: let it check with TLS, or leave it be'
            : 'See how long the client waits for its handshake; the proxy dials the upstream before it answers',
        ),
        step('See who they are', {
          command: `wiretracer query FILE --format text 'listener="${listener}" proto=tls side=in cause=${tlsIn.cause}'`,
        }),
      ],
    };
  },
};
