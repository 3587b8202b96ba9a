import { statusName } from '../../../protos/grpc/statuses.ts';
import { fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

/** Statuses that say that a server is unwell; the others answer the caller's question. */
const unwell: Readonly<Record<number, string>> = {
  2: 'an error its code did not expect, or a status it got from elsewhere',
  8: 'a limit: quota, memory, message size, or too many calls at once',
  13: 'something it takes for granted is broken; also what libraries say of a damaged stream',
  14: 'it, or what it depends on, is not available now: it may be tried again',
  15: 'data is lost or damaged',
};

export const grpcErrorStatus: Rule = {
  id: 'grpc-error-status',
  certainty: 'strong',
  looksFor: 'a gRPC server that answers UNKNOWN, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE or DATA_LOSS',
  evidence: 'an event of protocol grpc with `grpc_status` 2, 8, 13, 14 or 15 and no `local_reply`',
  cause: 'The server itself, or a gateway in its name, ends calls with an error status.',
  advice: "read the server's log; the message names the reason where it tells one",
  lookAlikes: {
    'stream-reset': 'there no status came: client libraries make INTERNAL or UNAVAILABLE of it themselves',
    'upstream-unreachable': 'there the proxy answers UNAVAILABLE itself: local_reply',
  },
  exchange(group, connection) {
    const says = unwell[group.grpcStatus ?? -1];
    if (says === undefined || group.localReply || group.cause !== null) return null;
    const { upstream } = connection;
    const name = statusName(group.grpcStatus!);
    return {
      variant: name.toLowerCase().replaceAll('_', '-'),
      title: `${upstream} ends calls of ${group.service ?? 'gRPC'} with ${name}${group.grpcMessage ? `: ${group.grpcMessage}` : ''}`,
      key: `${upstream} ${group.service ?? ''}`,
      evidence: [
        fact(
          group,
          {
            'request.path': group.path,
            grpc_status: group.grpcStatus,
            grpc_message: group.grpcMessage,
            trailers_only: group.trailersOnly,
            duration_ms: group.durationMs,
          },
          `${name}: ${says}`,
        ),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'tls-out'),
        ruledOut(
          'network, TLS, HTTP/2 and this proxy',
          'the status came from the upstream (local_reply is false)',
          group,
        ),
      ],
      next: [step(`Read the log of ${upstream} at this time for ${group.path ?? 'the call'}`)],
    };
  },
};
