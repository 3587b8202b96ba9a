import { fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

const words: Readonly<Record<number, string>> = {
  500: 'its own code failed',
  501: 'it does not know the method',
  502: 'it is a gateway, and what is behind it failed',
  503: 'it takes no requests now: overloaded, starting, or switched off',
  504: 'it is a gateway, and what is behind it did not answer in time',
};

export const httpServerError: Rule = {
  id: 'http-server-error',
  certainty: 'strong',
  looksFor: 'an upstream that answers 5xx',
  evidence: 'an event with `response.status` of 500 or above and no `local_reply`',
  cause: 'The application, or a gateway behind this proxy, failed while it worked on the request.',
  advice: 'read its log at this time; 502 and 504 are about what is behind it',
  lookAlikes: { 'upstream-unreachable': 'there the proxy itself answers 502 or 504: local_reply' },
  exchange(group, connection) {
    if (
      group.status === null ||
      group.status < 500 ||
      group.status > 599 ||
      group.localReply ||
      group.protocol === 'grpc'
    )
      return null;
    const { upstream } = connection;
    return {
      variant: String(group.status),
      title: `${upstream} answers ${group.status}: ${words[group.status] ?? 'it failed'}`,
      key: upstream,
      evidence: [
        fact(
          group,
          {
            'request.method': group.method,
            'request.path': group.path,
            'response.status': group.status,
            'response.headers.server': group.server,
            duration_ms: group.durationMs,
          },
          'the answer of the upstream',
        ),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'tls-out'),
        ruledOut('network, TLS and this proxy', 'the upstream answered (local_reply is false)', group),
      ],
      next: [step(`Read the log of ${upstream} at this time for ${group.path ?? 'the request'}`)],
    };
  },
};
