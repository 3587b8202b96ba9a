import { ownEntry } from '../own-entry.ts';
import { closeFact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

const ways: Readonly<Record<string, string>> = {
  proxy_bad_v1: 'bad-v1',
  proxy_bad_v2: 'bad-v2',
  proxy_truncated: 'truncated',
  proxy_timeout: 'timeout',
  proxy_malformed: 'malformed',
};

export const proxyHeaderMalformed: Rule = {
  id: 'proxy-header-malformed',
  certainty: 'proof',
  looksFor: 'a PROXY header that breaks its grammar, is cut off, or never ends',
  evidence:
    '`conn` `close` with cause `proxy_bad_v1`, `proxy_bad_v2`, `proxy_truncated` or `proxy_timeout`; `error` says where',
  cause: 'Whatever sends the PROXY header builds it wrong, or closes in the middle of it.',
  advice: 'compare the header with the PROXY protocol specification; the error names the offending part',
  variants: {
    'bad-v1': 'the line of version 1 breaks the grammar',
    'bad-v2': 'the binary header of version 2 breaks the format',
    truncated: 'the peer closed in the middle of it',
    timeout: 'it was not complete in time',
    malformed: 'wiretracer 1.50 does not tell which',
  },
  lookAlikes: {
    'proxy-header-missing': 'there the first bytes were no header at all',
    'plaintext-to-tls': 'there a listener without PROXY takes the bytes for TLS',
    'proxy-header-untrusted': 'there the header is sound and its sender is not believed',
  },
  first(connection) {
    const { close, peerIp, clientIp, listener } = connection;
    const variant = ownEntry(ways, close?.cause ?? '');
    if (variant === undefined) return null;
    const peer = peerIp || clientIp;
    return {
      variant,
      title: `${peer} sends a malformed PROXY header to listener ${listener}${close!.error === null ? '' : `: ${close!.error}`}`,
      key: `${listener} ${peer} ${close!.error ?? ''}`,
      evidence: closeFact(connection, 'the header as it was judged'),
      ruledOut: [
        ruledOut(
          'TLS and the upstream',
          'the connection was refused before either: the upstream never saw it',
          close,
        ),
      ],
      next: [
        step(`Correct what ${peer} sends; capture it to see the bytes`, {
          command: `tcpdump -X -c 4 host ${peer} and tcp`,
        }),
        step('If it sends no PROXY header and its first bytes only look like one, switch the detection off', {
          config: 'proxy_protocol: { mode: off }',
        }),
      ],
    };
  },
};
