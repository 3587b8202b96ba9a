import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { closeFact, fact, handshakeFact, ruledOut, soundBefore, step } from './parts.ts';
import { clientDeadlinePassed, gaveUpWaiting } from './patience.ts';
import type { Match, Rule } from './rule.ts';

/** The seven stages of a call, in their order: the first that did not come is where it stands. */
const stages = {
  'upstream-tls': {
    number: 1,
    says: 'the upstream accepts TCP and is silent in TLS',
    reached: 'TCP to the upstream',
  },
  'upstream-settings': {
    number: 2,
    says: 'the upstream sends no byte of HTTP/2, not even its SETTINGS',
    reached: 'TLS (or TCP) with the upstream',
  },
  'request-unread': {
    number: 3,
    says: 'the upstream takes no byte of the request: its application does not read',
    reached: 'the beginning of the request',
  },
  request: {
    number: 3,
    says: 'the request is not sent to its end: the client is silent',
    reached: 'the beginning of the request',
  },
  'response-headers': {
    number: 4,
    says: 'the upstream has the request and does not begin to answer',
    reached: 'the whole request at the upstream',
  },
  'response-body': {
    number: 5,
    says: 'the upstream sends response headers and no message',
    reached: 'response headers',
  },
  'response-end': {
    number: 6,
    says: 'the upstream has answered in part and does not come to an end (gRPC: no trailers)',
    reached: 'a part of the response',
  },
  'response-unread': {
    number: 6,
    says: 'the client takes no byte of the response: its application does not read',
    reached: 'a part of the response',
  },
  'upstream-answer': {
    number: 7,
    says: 'the upstream itself answers DEADLINE_EXCEEDED: it, or what it calls, is too slow',
    reached: 'the answer of the upstream',
  },
} as const;

type Stage = keyof typeof stages;

export const deadline: Rule = {
  id: 'deadline',
  certainty: 'proof',
  looksFor:
    'a call that ran out of time, by the deadline of the client or a limit of the proxy: at which of seven stages, and who is silent',
  evidence:
    'cause `timeout` on `tls` `out`, an event or `conn` `close`; or an event that the client ended when its `grpc_timeout_ms` had passed; `grpc_status` 4',
  cause: 'The next step of the call did not come in time; the stage says which, and so whose turn it was.',
  advice: 'look at the side that is silent at that stage; the stages before it are sound',
  variants: Object.fromEntries(
    Object.entries(stages).map(([stage, { number, says }]) => [stage, `${number} of 7: ${says}`]),
  ),
  lookAlikes: {
    'flow-control-stall': 'there the sender waits for a window',
    'upstream-unreachable': 'there not even TCP to the upstream comes about',
    'client-left': 'there the client has no deadline, or left before it',
    'keep-alive-not-latency': 'there the answer was there long before the connection ended',
  },
  first(connection) {
    const { tlsOut } = connection;
    if (tlsOut?.cause !== 'timeout') return null;
    return told('upstream-tls', connection, null, [
      handshakeFact(tlsOut, 'the handshake did not end in time: no alert, no certificate, no FIN'),
    ]);
  },
  exchange(group, connection) {
    if (group.grpcStatus === 4 && group.cause === null) return told('upstream-answer', connection, group, []);
    if (group.status === 504 && !group.localReply) return told('upstream-answer', connection, group, []);
    return gaveUpWaiting(group) ? told(stageOf(group, connection), connection, group, []) : null;
  },
  rest(connection) {
    const { close, exchanges } = connection;
    if (close === null || exchanges > 0) return null;
    const silentH2 = close.protocol === 'h2' && close.bytesOut === 0 && (close.bytesIn ?? 0) > 0;
    if (silentH2) return told('upstream-settings', connection, null, []);
    if (close.cause !== 'timeout') return null;
    return told(close.term?.startsWith('c') ? 'request' : 'response-headers', connection, null, []);
  },
  text(line) {
    if (!/DEADLINE_EXCEEDED|context deadline exceeded|Deadline exceeded after/i.test(line)) return null;
    return {
      certainty: 'hint',
      title: 'a client ran out of time, as this line says; it does not say at which stage',
      key: 'text',
      evidence: [],
      next: [
        step('The events that the client or the proxy gave up', {
          command:
            "wiretracer query FILE --format text 'cause=timeout OR grpc_status=4 OR cause=h2_rst:CANCEL'",
        }),
      ],
    };
  },
};

function stageOf(group: ExchangeGroup, { close, tlsOut }: Connection): Stage {
  const term = group.cause === 'timeout' ? (close?.term ?? '') : '';
  if (term === 'cD') return 'response-unread';
  if (term === 'sR') return 'request-unread';
  if (term === 'cR' || group.requestMessages === 0) return 'request';
  if (group.localReply) return 'response-headers';
  if (group.status !== null) {
    const begun = group.responseMessages === null ? (group.bytesOut ?? 0) > 0 : group.responseMessages > 0;
    return begun ? 'response-end' : 'response-body';
  }
  const isH2 = group.protocol === 'grpc' || group.protocol === 'http2';
  // The ACK that every HTTP/2 peer owes is 9 bytes, its SETTINGS 9 more at least.
  return isH2 && close?.bytesOut === 0 && tlsOut?.ok !== false ? 'upstream-settings' : 'response-headers';
}

function told(
  stage: Stage,
  connection: Connection,
  group: ExchangeGroup | null,
  before: Match['evidence'],
): Match {
  const { upstream, clientIp, listener, control } = connection;
  const { number, says, reached } = stages[stage];
  const ofClient = stage === 'request' || stage === 'response-unread';
  const silent = ofClient ? `client ${clientIp}` : `upstream ${upstream}`;
  const limit =
    group !== null && clientDeadlinePassed(group)
      ? `the client's deadline of ${group.grpcTimeoutMs} ms`
      : group?.grpcStatus === 4 || group?.status === 504
        ? 'a deadline of the upstream'
        : 'a time limit of the proxy';
  return {
    variant: stage,
    title: `${silent} holds it up: ${says} (stage ${number} of 7), until ${limit} passes`,
    key: ofClient ? `client ${listener}` : upstream,
    evidence: [
      ...before,
      ...(group === null
        ? []
        : [
            fact(
              group,
              {
                protocol: group.protocol,
                'request.path': group.path,
                'response.status': group.status,
                cause: group.cause,
                error: group.error,
                grpc_timeout_ms: group.grpcTimeoutMs,
                grpc_status: group.grpcStatus,
                grpc_request_messages: group.requestMessages,
                grpc_response_messages: group.responseMessages,
                bytes_out: group.bytesOut,
                duration_ms: group.durationMs,
              },
              `reached: ${reached}`,
            ),
          ]),
      ...closeFact(connection, 'how the connection ended'),
    ],
    ruledOut: [
      ...soundBefore(connection, 'tls-in', 'upstream', 'tls-out'),
      ...(control.counts.has('upstream SETTINGS') && stage !== 'upstream-settings'
        ? [
            ruledOut(
              'HTTP/2 at the upstream',
              'its SETTINGS came',
              control.frames.find((frame) => frame.from === 'upstream' && frame.event === 'SETTINGS') ?? null,
            ),
          ]
        : []),
      ...(control.recorded &&
      !control.counts.has('upstream FLOW_BLOCK') &&
      !control.counts.has('client FLOW_BLOCK')
        ? [ruledOut('flow control', 'no window was used up: there is no FLOW_BLOCK', null)]
        : []),
    ],
    next: adviceOf(stage, upstream, control.recorded),
  };
}

function adviceOf(stage: Stage, upstream: string, recorded: boolean): Match['next'] {
  const more = recorded
    ? []
    : [
        step('To see SETTINGS, windows and resets, record control frames', {
          config: 'logging: { h2_control_events: true }',
        }),
      ];
  switch (stage) {
    case 'upstream-tls':
      return [
        step(
          'The upstream accepts and does not go on: it is overloaded, stopped, or waits for plaintext or a PROXY header',
          {
            command: `openssl s_client -connect ${upstream} </dev/null`,
          },
        ),
        step('If it is only slow', { config: 'policy: { upstream_handshake_timeout: 30 }' }),
      ];
    case 'upstream-settings':
      return [
        step('See whether anything there speaks HTTP/2: a server of HTTP/2 sends SETTINGS first of all', {
          command: `nghttp -v -n https://${upstream}/; curl --http2-prior-knowledge -v http://${upstream}/`,
        }),
        ...more,
      ];
    case 'request':
      return [
        step('Look at the client: it opened a call and did not send its message, or did not end its stream'),
        ...more,
      ];
    case 'request-unread':
      return [step(`Look at the handler in ${upstream}: it does not read the body of the request`), ...more];
    case 'response-unread':
      return [
        step('Look at the client: it does not read the answer, for instance while it works on what it has'),
        ...more,
      ];
    case 'response-headers':
      return [
        step(
          `Look at the handler of this path in ${upstream}: it has the request and is at work, or waits for something else`,
        ),
        ...more,
      ];
    case 'response-body':
    case 'response-end':
      return [
        step(`Look at the handler in ${upstream}: it began its answer and waits, or never ends its stream`),
        step('A hop that buffers streams looks the same: call the server without it', {
          config: 'nginx: proxy_buffering off; grpc_read_timeout 1h;',
        }),
        ...more,
      ];
    case 'upstream-answer':
      return [
        step(
          'Look at what the upstream waits for: its database, or the service it calls with the rest of the deadline',
        ),
      ];
  }
}
