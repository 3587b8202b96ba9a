import { type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';
import { metInTime } from './met-in-time.ts';

/** The relay changes no byte: what the record counts is what both ends counted on their own sockets. */
export const carried: Invariant = {
  name: 'carried',
  witness:
    "the TCP bytes that the client and the server counted: the same on a plaintext side, more than the record's under TLS",
  check: ({ connections, evidence }) => {
    const { tls, upstream } = evidence.listener.config;
    return connections.flatMap((connection) => [
      ...towardsUpstream(connection, upstream.tls === true),
      ...(tls === false ? towardsClient(connection) : []),
    ]);
  },
};

function towardsUpstream(connection: ConnectionView, encrypted: boolean): Mismatch[] {
  const { close, seen, events } = connection;
  const [server] = seen.close;
  if (!close || !server) return [];
  const header = (seen.proxy[0]?.raw_hex.length ?? 0) / 2;
  const read = server.bytes_in - header;
  const ownAnswer = events.some(({ local_reply }) => local_reply);
  // A side that was reset, or has reset, may not have read all that was on its way.
  // While the answer, or the next request, was awaited nothing was on its way.
  const quiet = close.closed_by === 'proxy' && /^[cs][H-]$/.test(close.term ?? '') && metInTime(connection);
  const requestsArrived =
    close.upstream_local !== null && (quiet || (close.client_end === 'fin' && server.peer_end === 'fin'));
  // An HTTP/2 server that ended by itself counts what it wrote behind its FIN too.
  const counts = server.by === 'peer' || close.protocol !== 'h2';
  const answersArrived = quiet || (close.upstream_end === 'fin' && counts);
  return [
    ...(requestsArrived ? compared('bytes_in', close, read, encrypted) : []),
    ...(ownAnswer ? [] : compared('bytes_out', close, server.bytes_out, encrypted || !answersArrived)),
  ];
}

function towardsClient({ close, client, events }: ConnectionView): Mismatch[] {
  const alone = client?.sockets.length === 1 && client.result?.close.peer_end === 'fin';
  return close && alone && events.length > 0
    ? compared('bytes_out', close, client.result!.received_bytes, false)
    : [];
}

function compared(
  key: 'bytes_in' | 'bytes_out',
  close: NonNullable<ConnectionView['close']>,
  counted: number,
  atMost: boolean,
): Mismatch[] {
  const seen = close[key] ?? 0;
  const holds = atMost ? seen <= counted : seen === counted;
  return holds ? [] : [differs(close, key, `${atMost ? 'at most ' : ''}${counted}`, close[key])];
}
