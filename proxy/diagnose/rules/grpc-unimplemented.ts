import { fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const grpcUnimplemented: Rule = {
  id: 'grpc-unimplemented',
  certainty: 'proof',
  looksFor: 'a gRPC server that does not know the service or method',
  evidence: 'an event of protocol grpc with `grpc_status` 12',
  cause: 'The server answers UNIMPLEMENTED: it has no such service or method, or not under this path.',
  advice: 'compare `grpc_service` and `grpc_method` with what the server registers',
  variants: {
    reflection: 'server reflection is not registered: grpcurl needs it to list services',
    method: 'any other service or method',
  },
  lookAlikes: {
    'grpc-status-missing': 'there no gRPC server answers at all',
    deadline: 'a grpcurl that hangs instead waits for an answer',
  },
  exchange(group, connection) {
    if (group.grpcStatus !== 12) return null;
    const { upstream } = connection;
    const reflection = group.service?.startsWith('grpc.reflection.') ?? false;
    return {
      variant: reflection ? 'reflection' : 'method',
      title: reflection
        ? `${upstream} has no server reflection: grpcurl cannot list its services`
        : `${upstream} does not implement ${group.path ?? 'the method'}`,
      key: `${upstream} ${group.service ?? ''}`,
      evidence: [
        fact(
          group,
          {
            'request.path': group.path,
            grpc_status: 12,
            grpc_message: group.grpcMessage,
            trailers_only: group.trailersOnly,
          },
          'the server itself says UNIMPLEMENTED',
        ),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'tls-out'),
        ruledOut('network, TLS and HTTP/2', 'a gRPC status came back over all of them', group),
      ],
      next: reflection
        ? [
            step('Name the schema instead', {
              command: 'grpcurl -import-path . -proto service.proto HOST:PORT list',
            }),
            step('Or register reflection in the server', {
              config:
                'Go: reflection.Register(server);   Python: reflection.enable_server_reflection(names, server)',
            }),
          ]
        : [
            step('Compare the name with what the server has', { command: 'grpcurl HOST:PORT list' }),
            step('Look for a path that a hop rewrites, and for a server of another version'),
          ],
    };
  },
};
