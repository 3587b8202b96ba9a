import type { Group } from '../../../protos/findings/findings.ts';
import { ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

const words: Readonly<Record<Group['dimension'], string>> = {
  client_ip: 'come from',
  issuer: 'have a certificate issued by',
  subject: 'have the certificate',
  ja4: 'have the ClientHello',
  sni: 'ask for',
  tls_version: 'speak',
  alpn: 'offer first',
};

const filters: Readonly<Record<Group['dimension'], string>> = {
  client_ip: 'client_ip',
  issuer: 'issuer',
  subject: 'subject',
  ja4: 'ja4',
  sni: 'sni',
  tls_version: 'tls_version',
  alpn: 'fingerprints.alpn_ch',
};

export const failuresConcentrated: Rule = {
  id: 'failures-concentrated',
  certainty: 'strong',
  looksFor: 'failures nobody can explain that one group of clients has and the others have not',
  evidence:
    'of the failures of a listener nine in ten share an address, an issuer, a JA4, a name or a version that at most one in ten of its successes has',
  cause: 'What fails has something in common: look at that group of clients, not at the upstream.',
  advice: 'compare one client of the group with one outside of it',
  lookAlikes: {
    'balancer-hides-clients': 'behind a balancer every address is the same',
    'upstream-cut': 'there clients of every kind fail',
  },
  overall(totals) {
    return totals.lift.listeners().flatMap((listener) => {
      const group = totals.lift.ofUnexplained(listener);
      if (group === null) return [];
      const { dimension, value, failures, of_failures, successes, of_successes } = group;
      return [
        {
          variant: dimension.replaceAll('_', '-'),
          title: `${failures} of ${of_failures} failures at listener ${listener} ${words[dimension]} ${value}, ${successes} of ${of_successes} successes do`,
          key: listener,
          evidence: [],
          ruledOut: [
            ruledOut(
              'the upstream',
              `it serves others: ${of_successes} connections of this listener succeeded`,
            ),
          ],
          next: [
            step('See the failures of this group beside the successes of the others', {
              command: `wiretracer query FILE --format text 'listener="${listener}" ${filters[dimension]}="${value}"'`,
            }),
          ],
          group,
          unit: 'connections' as const,
          count: failures,
          of: of_failures + of_successes,
          since: totals.firstTs,
          until: totals.lastTs,
          clients: dimension === 'client_ip' ? [value] : [],
          listeners: [listener],
          upstreams: [],
        },
      ];
    });
  },
};
