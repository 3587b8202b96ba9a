import { createHash } from 'node:crypto';
import type { EventRecord } from '../../../protos/records/records.ts';
import {
  type CaseView,
  type ConnectionView,
  differs,
  type Invariant,
  type ObservationsByWord,
} from '../case-view.ts';
import { everyExchangeIsRecorded, reachedTheServer } from '../exchanges.ts';
import type { Mismatch } from '../match.ts';

type Answer = ObservationsByWord['response'][number];

export const answers: Invariant = {
  name: 'answers',
  witness: "the server's own account of what it answered, on the same stream or in the same order",
  check: (view) => view.connections.flatMap((connection) => ofConnection(connection, view)),
};

function ofConnection(connection: ConnectionView, { evidence, instance }: CaseView): Mismatch[] {
  const { upstream } = instance;
  // What a fault made of an answer, or a client of its requests, the server need not know.
  const plain = typeof upstream === 'object' && !upstream.fault && !bytesOwned(connection);
  if (!plain || !everyExchangeIsRecorded(evidence)) return [];
  const captured = evidence.listener.config.logging.log_body === true;
  return pairs(connection).flatMap(([event, answer]) => {
    const broken: Mismatch[] = [];
    if (answer.status !== null && event.response.status !== answer.status)
      broken.push(differs(event, 'response.status', String(answer.status), event.response.status));
    // What a gRPC server counts as a body is the message, not the frames around it; after 101 bytes are no body.
    const whole = event.error === null && event.anomalies.length === 0;
    if (!whole || event.protocol === 'grpc' || event.response.status === 101) return broken;
    if (event.request.method === 'HEAD') return broken;
    const { body_b64, body_truncated } = event.response;
    const bytes = Buffer.from(body_b64 ?? '', 'base64');
    if (event.protocol === 'http2' && event.bytes_out !== answer.body_bytes)
      broken.push(differs(event, 'bytes_out', String(answer.body_bytes), event.bytes_out));
    if (
      captured &&
      !body_truncated &&
      createHash('sha256').update(bytes).digest('hex') !== answer.body_sha256
    )
      broken.push(
        differs(
          event,
          'response.body_b64',
          `${answer.body_bytes} bytes, SHA-256 ${answer.body_sha256}`,
          `${bytes.length} bytes`,
        ),
      );
    return broken;
  });
}

/** A fault of TLS or of the PROXY header leaves the requests above it alone. */
function bytesOwned({ client }: ConnectionView): boolean {
  return client?.spec.fault !== undefined && !/^(tls|pp)-/.test(client.spec.fault.id);
}

/** By stream number; in order where there is none and as many were answered as are on record. */
function pairs({ events, seen }: ConnectionView): [EventRecord, Answer][] {
  const reached = events.filter(
    (event) => reachedTheServer(event) && !event.local_reply && event.response.status !== null,
  );
  const byStream = seen.response.every(({ stream_id }) => stream_id !== null);
  if (byStream)
    return seen.response.flatMap((answer): [EventRecord, Answer][] => {
      const event = reached.find(({ request }) => request.stream_id === answer.stream_id);
      return event ? [[event, answer]] : [];
    });
  if (seen.response.length !== reached.length) return [];
  const inOrder = reached.toSorted((left, right) => left.ts_start - right.ts_start);
  return inOrder.map((event, index) => [event, seen.response[index]!]);
}
