import { fact, handshakeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const clientRefusesName: Rule = {
  id: 'client-refuses-name',
  certainty: 'strong',
  looksFor:
    'clients that ask for one name and leave as soon as they have seen the certificate, while those that ask for another are served',
  evidence:
    '`tls` `in` with cause `client_eof` or `client_reset` after a whole ClientHello, or ok and then `bytes_in` 0: for every connection with this `sni`',
  cause:
    'The client refuses the certificate without an alert, as Node does: it does not have the name the client asked for.',
  advice: 'let the client ask for a name the certificate has, or add the name to the certificate',
  lookAlikes: {
    'client-rejects-certificate': 'there the client says so by an alert',
    'client-handshake-unfinished': 'there the handshake is not completed; health checks that only connect',
  },
  overall(totals) {
    const groups = totals.names.all();
    return groups.flatMap((group) => {
      if (group.left === 0 || group.used > 0 || group.sni === '' || group.first === null) return [];
      const served = groups.filter(
        (other) => other.listener === group.listener && other.used > 0 && other.sni !== group.sni,
      );
      if (served.length === 0) return [];
      const { handshake, closeRecord, closeLine } = group.first;
      const others = served.map(({ sni }) => sni || 'no name').slice(0, 3);
      return [
        {
          title: `clients that ask listener ${group.listener} for ${group.sni} leave once they have seen its certificate; those that ask for ${others.join(', ')} are served`,
          key: `${group.listener} ${group.sni}`,
          evidence: [
            handshakeFact(handshake, `asked for ${group.sni}`),
            fact(
              { record: closeRecord, line: closeLine, kind: 'conn' },
              { event: 'close', closed_by: 'client', bytes_in: 0 },
              'and the client left without a byte',
            ),
          ],
          ruledOut: [
            ruledOut(
              'version, cipher and ALPN',
              'the listener found nothing to refuse: it was the client who left',
              handshake,
            ),
            ruledOut(
              'health checks',
              'they ask for the name their target has, or for none; clients of other names go on here',
            ),
          ],
          next: [
            step(`See whether the certificate of the listener has ${group.sni}`, {
              command: 'openssl x509 -in server.crt -noout -ext subjectAltName',
            }),
            step(`Let the client ask for ${others[0]}`),
          ],
          explains: ['client-handshake-unfinished'],
          unit: 'connections' as const,
          count: group.left,
          of: group.left + served.reduce((sum, { used }) => sum + used, 0),
          since: group.firstTs,
          until: group.lastTs,
          clients: group.clients.top(20).map(({ value }) => value),
          listeners: [group.listener],
          upstreams: group.upstreams.top(5).map(({ value }) => value),
          group: {
            dimension: 'sni' as const,
            value: group.sni,
            failures: group.left,
            of_failures: group.left,
            successes: 0,
            of_successes: served.reduce((sum, { used }) => sum + used, 0),
          },
        },
      ];
    });
  },
};
