import type { Evidence } from '../run/evidence.ts';

/** What both client modes must agree on: values by a dotted path, comparable one by one. */
export type Projection = Record<string, unknown>;

/**
 * The behaviour of a case that has a meaning whatever library the client is built on. Ports, times, ids and header
 * fields a library adds of its own are left out, and so is what a library calls complete, its words where the server
 * sent none (what the server sent is the event's), and how often a GOAWAY was repeated (RFC 9113 6.8).
 */
export function project({ clients, records, connections }: Evidence): Projection {
  const projection: Projection = {};
  for (const { name, result } of clients) {
    projection[`${name}.outcome`] = result?.outcome ?? null;
    for (const [index, exchange] of (result?.exchanges ?? []).entries()) {
      for (const key of ['grpc_status', 'grpc_messages'] as const) {
        projection[`${name}.exchanges.${index}.${key}`] = exchange[key];
      }
    }
  }
  const all = records.map(({ record }) => record);
  const events = all.filter((record) => record.kind === 'event').sort((a, b) => a.ts_start - b.ts_start);
  projection.events = events.length;
  for (const [index, event] of events.entries()) {
    const at = `events.${index}`;
    for (const key of [
      'protocol',
      'grpc_status',
      'grpc_message',
      'grpc_request_messages',
      'grpc_response_messages',
      'trailers_only',
      'cause',
      'error_code',
      'local_reply',
    ] as const) {
      projection[`${at}.${key}`] = event[key];
    }
    projection[`${at}.status`] = event.response.status;
    projection[`${at}.method`] = event.request.grpc_method;
    projection[`${at}.anomalies`] = [...event.anomalies].sort();
  }
  for (const record of all) {
    if (record.kind !== 'conn' || record.event !== 'close') continue;
    for (const key of ['closed_by', 'close_reason', 'cause', 'term', 'protocol'] as const)
      projection[`close.${key}`] = record[key];
  }
  for (const direction of ['downstream', 'upstream']) {
    for (const word of ['GOAWAY', 'RST_STREAM']) {
      const codes = all.flatMap((record) =>
        record.kind === 'h2ctl' && record.direction === direction && record.h2_event === word
          ? [record.error_code_name]
          : [],
      );
      projection[`${word}.${direction}`] = (word === 'GOAWAY' ? [...new Set(codes)] : codes).sort();
    }
  }
  projection['server.connections'] = connections.length;
  return projection;
}

export type Difference = { field: string; native: unknown; emulated: unknown };

export function differences(native: Projection, emulated: Projection): Difference[] {
  const fields = [...new Set([...Object.keys(native), ...Object.keys(emulated)])].sort();
  return fields
    .filter((field) => JSON.stringify(native[field]) !== JSON.stringify(emulated[field]))
    .map((field) => ({ field, native: native[field], emulated: emulated[field] }));
}
