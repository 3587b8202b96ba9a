import { fact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const grpcStatusMissing: Rule = {
  id: 'grpc-status-missing',
  certainty: 'proof',
  looksFor:
    'an answer to a gRPC call without grpc-status: a web server answers, or a hop takes the trailers away',
  evidence:
    'an event of protocol grpc without error, with `grpc_status` null; `response.headers.content-type` tells which way',
  cause: 'What answered the call is no gRPC server, or a hop between does not pass on HTTP trailers.',
  advice:
    'route gRPC to a gRPC server, through hops that pass trailers (nginx: `grpc_pass`, not `proxy_pass`)',
  variants: {
    'not-grpc': 'the answer is not application/grpc: a web server or a gateway',
    'trailers-stripped': 'application/grpc came, and no trailers',
  },
  lookAlikes: {
    'h2-preface-to-http1': 'there the endpoint does not even speak HTTP/2',
    'upstream-wants-client-cert': 'the 400 of nginx without a client certificate',
    'stream-reset': 'there the answer was cut by RST_STREAM',
    deadline: 'there the end has not come yet',
  },
  exchange(group, connection) {
    if (group.protocol !== 'grpc' || group.cause !== null || group.grpcStatus !== null) return null;
    if (group.status === null) return null;
    const isGrpc = group.responseType?.startsWith('application/grpc') ?? false;
    const { upstream } = connection;
    const says = `${group.status} ${group.responseType ?? 'without content-type'}`;
    return {
      variant: isGrpc ? 'trailers-stripped' : 'not-grpc',
      title: isGrpc
        ? `gRPC answers through ${upstream} lose their trailers: ${says}, no grpc-status`
        : `${upstream} is no gRPC server for ${group.path ?? 'this path'}: it answers ${says}${group.server === null ? '' : ` (${group.server})`}`,
      key: upstream,
      evidence: [
        fact(
          group,
          {
            'request.path': group.path,
            'response.status': group.status,
            'response.headers.content-type': group.responseType,
            'response.headers.server': group.server,
            grpc_status: 'absent',
            anomalies: group.anomalies,
          },
          isGrpc ? 'a gRPC answer that ends without trailers' : 'an answer of another kind',
        ),
        ...(connection.tlsOut === null ? [] : [handshakeFact(connection.tlsOut, 'HTTP/2 was agreed on')]),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'tls-out'),
        ruledOut('a deadline or a reset', 'the answer ended by itself, with END_STREAM', group),
        ...(isGrpc
          ? []
          : [ruledOut('a failing method', 'a gRPC server answers application/grpc even to those', group)]),
      ],
      next: isGrpc
        ? [
            step('Let every hop pass trailers', {
              config:
                'nginx: grpc_pass grpc://…;   HAProxy: alpn h2 / proto h2 on both sides;   AWS ALB: protocol version gRPC',
            }),
            step('Call the server without the hop and compare', {
              command: 'grpcurl -v HOST:PORT list; wiretracer query FILE proto=grpc',
            }),
          ]
        : [
            step('Route this path to a gRPC server', {
              config: 'nginx: location /package.Service { grpc_pass grpc://…; }',
            }),
            step('Check the port: OTLP over gRPC is 4317; 4318 answers HTTP', {
              command: `grpcurl -v ${upstream} list`,
            }),
          ],
    };
  },
  text(line) {
    if (
      !/Call ended without gRPC status|missing (?:HTTP )?content-type|server closed the stream without sending trailers|unexpected content-type/i.test(
        line,
      )
    )
      return null;
    return {
      certainty: 'hint',
      title: 'an answer to a gRPC call had no grpc-status, as this line says',
      key: 'text',
      evidence: [],
      next: [
        step('See what answered', {
          command: "wiretracer query FILE --format text 'proto=grpc grpc_status='",
        }),
      ],
    };
  },
};
