import { fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const applicationRefusesCredentials: Rule = {
  id: 'application-refuses-credentials',
  certainty: 'strong',
  looksFor: 'TLS that is fine and an application that refuses whoever asks',
  evidence:
    'an event with status 401, 403 or 407, or `grpc_status` 16 or 7, on a connection without any success',
  cause:
    'The application does not accept the credentials of the request, or there are none: this is above TLS.',
  advice: 'look at the token, the password or the rights; certificates and network are sound',
  variants: {
    unauthenticated: 'it does not know who asks (401, 407, gRPC 16)',
    forbidden: 'it knows, and says no (403, gRPC 7)',
  },
  lookAlikes: {
    'client-cert-missing': 'there TLS itself refuses',
    'redis-refuses-credentials': 'the same for Redis',
  },
  exchange(group, connection) {
    const { status, grpcStatus } = group;
    const unknown = status === 401 || status === 407 || grpcStatus === 16;
    if (!unknown && status !== 403 && grpcStatus !== 7) return null;
    // A challenge that is answered on the same connection is how 401 is meant to work.
    if (connection.successes > 0 || group.localReply) return null;
    const { upstream } = connection;
    return {
      variant: unknown ? 'unauthenticated' : 'forbidden',
      title: `${upstream} refuses whoever asks: ${unknown ? 'it does not accept the credentials' : 'it does not allow it'} (${status ?? ''}${grpcStatus === null ? '' : ` grpc-status ${grpcStatus}`})`,
      key: upstream,
      evidence: [
        fact(
          group,
          {
            'request.path': group.path,
            'response.status': status,
            grpc_status: grpcStatus,
            grpc_message: group.grpcMessage,
          },
          'the application answered, and said no',
        ),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'tls-out'),
        ruledOut('network and TLS', 'an answer of the application came back over both', group),
      ],
      next: [
        step(
          unknown
            ? 'Compare the credentials the client sends with those the application expects: absent, expired, or for another audience'
            : 'Look at the rights of this account for this path',
        ),
      ],
    };
  },
};
