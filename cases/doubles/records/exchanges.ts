/** Doubles that tell an exchange wrongly: which one it was, what it carried, how it ended. */
import type { RecordDouble } from '../double.ts';
import { onEvent, onEvery, onMessages } from './changes.ts';

export const exchanges: RecordDouble[] = [
  {
    name: 'tid-of-another',
    lie: 'gives an exchange the tid of another request',
    standsFor: 'wiretracer 1.50: conn.tid is that of whatever request came last',
    filter: onEvent((event) => (event.tid === null ? event : { ...event, tid: `${event.tid}_2` })),
  },
  {
    name: 'stream-of-before',
    lie: 'gives an exchange the stream number of the one before it',
    standsFor: 'a proxy that tells concurrent requests apart by their order',
    filter: () => {
      const before = new Map<string, number | null>();
      return (record) => {
        if (record.kind !== 'event') return [record];
        const { stream_id } = record.request;
        const told = before.get(record.conn_id) ?? stream_id;
        before.set(record.conn_id, stream_id);
        return [{ ...record, request: { ...record.request, stream_id: told } }];
      };
    },
  },
  {
    name: 'status-ok',
    lie: 'tells every answer of the upstream as a 200',
    standsFor: 'a proxy that logs what it meant to send',
    filter: onEvent((event) =>
      event.response.status === null ? event : { ...event, response: { ...event.response, status: 200 } },
    ),
  },
  {
    name: 'grpc-status-from-headers',
    lie: 'reads grpc-status from the headers alone, not from the trailers',
    standsFor: 'HAProxy #112',
    filter: onEvent((event) =>
      event.trailers_only === false ? { ...event, grpc_status: null, grpc_message: null } : event,
    ),
  },
  {
    name: 'grpc-as-http2',
    lie: 'does not know gRPC and tells a call as plain HTTP/2',
    standsFor: 'every proxy without a gRPC tap',
    filter: onEvent((event) =>
      event.protocol === 'grpc'
        ? {
            ...event,
            protocol: 'http2',
            request: { ...event.request, grpc_service: null, grpc_method: null },
            grpc_status: null,
            grpc_message: null,
            grpc_request_messages: null,
            grpc_response_messages: null,
            grpc_timeout_ms: null,
            trailers_only: null,
          }
        : event,
    ),
  },
  {
    name: 'messages-miscounted',
    lie: 'counts one message too many in the answer of a gRPC call',
    standsFor: 'a tap that takes a frame for a message',
    filter: onEvent((event) =>
      event.grpc_response_messages === null
        ? event
        : { ...event, grpc_response_messages: event.grpc_response_messages + 1 },
    ),
  },
  {
    name: 'trailers-only-as-two',
    lie: 'tells a Trailers-Only answer as headers and trailers',
    standsFor: 'wiretracer 1.50: Trailers-Only becomes HEADERS and DATA; grpc-go #577, nghttp2 #588',
    filter: onEvent((event) => (event.trailers_only ? { ...event, trailers_only: false } : event)),
  },
  {
    name: 'informational-lost',
    lie: 'does not tell the 1xx answers',
    standsFor: 'wiretracer 1.50: 1xx are not recorded',
    filter: onEvent((event) => ({ ...event, informational: [] })),
  },
  {
    name: 'local-reply-hidden',
    lie: "tells the proxy's own answer as one of the upstream",
    standsFor: 'a 502 of which nobody can say who made it',
    filter: onEvent((event) => ({ ...event, local_reply: false })),
  },
  {
    name: 'reset-code-lost',
    lie: 'does not tell with which code a stream was reset',
    standsFor: 'Envoy #11420, mitmproxy PR #3811: the code is what one looks for',
    filter: onEvent((event) => ({ ...event, error_code: null, error_code_name: null })),
  },
  {
    name: 'anomalies-hidden',
    lie: 'finds nothing odd, whatever came',
    standsFor: 'wiretracer 1.50: an answer that breaks HTTP/1.1 drops the connection without a word',
    filter: onEvent((event) => ({ ...event, anomalies: [] })),
  },
  {
    name: 'waiting-not-counted',
    lie: "does not count the time that the upstream took into an exchange's duration",
    standsFor:
      'wiretracer 1.50: the clock of an exchange starts and stops at the wrong moments (1002 ms for 1 ms)',
    filter: onEvent((event) =>
      /\/mode\/(sleep_headers|hang)/.test(event.request.path ?? '') ? { ...event, duration_ms: 0 } : event,
    ),
  },
  {
    name: 'bytes-swapped',
    lie: 'takes the bytes of the requests for those of the answers',
    standsFor: 'a proxy that counts from the other side',
    unseen: 'the framing of HTTP/2 under TLS is counted by neither end',
    filter: onEvery((record) =>
      record.kind === 'event'
        ? { ...record, bytes_in: record.bytes_out, bytes_out: record.bytes_in }
        : record.kind === 'conn'
          ? { ...record, bytes_in: record.bytes_out, bytes_out: record.bytes_in }
          : record,
    ),
  },
  {
    name: 'body-short',
    lie: 'captures a body without its last byte and calls it whole',
    standsFor: 'wiretracer 1.50: 300,000 bytes on record where 229,373 arrived',
    unseen:
      'a request that a fault cut off, or an answer that the client cannot read: nobody else has its bytes',
    filter: onMessages(({ body_b64 }) => {
      const bytes = Buffer.from(body_b64 ?? '', 'base64');
      return bytes.length < 2 ? {} : { body_b64: bytes.subarray(0, -1).toString('base64') };
    }),
  },
  {
    name: 'cut-capture-as-whole',
    lie: 'does not say that the body on record is only the beginning',
    standsFor: 'wiretracer 1.50 with log_body off: body_truncated is always false',
    filter: onMessages(() => ({ body_truncated: false })),
  },
  {
    name: 'content-length-lost',
    lie: 'does not tell the length that a message announced',
    standsFor: 'wiretracer 1.50: content_length is always null',
    filter: onMessages(() => ({ content_length: null })),
  },
  {
    name: 'trace-lost',
    lie: 'does not take the trace id out of traceparent',
    standsFor: 'wiretracer 1.50: no field of W3C Trace Context',
    filter: onEvent((event) => ({ ...event, trace_id: null })),
  },
  {
    name: 'pushed-stream-lost',
    lie: 'does not tell pushed streams',
    standsFor: 'wiretracer 1.50: PUSH_PROMISE and what it promises are not recorded',
    filter: onEvent((event) => (event.flags.includes('push') ? null : event)),
  },
  {
    name: 'sni-not-repeated',
    lie: 'leaves the server name out of the TLS section of an event',
    standsFor: 'wiretracer 1.50: tls.sni of an event is always null',
    filter: onEvent((event) => ({ ...event, tls: { ...event.tls, sni: null } })),
  },
];
