/** How record doubles say what they change. Keys keep their order: a lie about a value is not one about the format. */
import type { ConnRecord, EventRecord, H2ctlRecord, TlsRecord } from '../../../protos/records/records.ts';
import type { ConnectionRecord } from '../../run/evidence.ts';
import type { RecordFilter } from '../double.ts';

type Change<Kind> = (record: Kind) => Kind | null;

/** Null keeps the record back; the same object leaves it as it is. */
export function onClose(change: Change<ConnRecord>): () => RecordFilter {
  return byKind((record) => (record.kind === 'conn' && record.event === 'close' ? change(record) : record));
}

export function onConn(change: Change<ConnRecord>): () => RecordFilter {
  return byKind((record) => (record.kind === 'conn' ? change(record) : record));
}

export function onTls(change: Change<TlsRecord>): () => RecordFilter {
  return byKind((record) => (record.kind === 'tls' ? change(record) : record));
}

export function onEvent(change: Change<EventRecord>): () => RecordFilter {
  return byKind((record) => (record.kind === 'event' ? change(record) : record));
}

export function onH2ctl(change: Change<H2ctlRecord>): () => RecordFilter {
  return byKind((record) => (record.kind === 'h2ctl' ? change(record) : record));
}

export function onEvery(change: Change<ConnectionRecord>): () => RecordFilter {
  return byKind(change);
}

/** Of the event's request and of its response. */
export function onMessages(
  change: (message: EventRecord['request'] | EventRecord['response'], event: EventRecord) => object,
): () => RecordFilter {
  return onEvent(
    (event) =>
      ({
        ...event,
        request: { ...event.request, ...change(event.request, event) },
        response: { ...event.response, ...change(event.response, event) },
      }) as EventRecord,
  );
}

function byKind(change: Change<ConnectionRecord>): () => RecordFilter {
  return () => (record) => {
    const changed = change(record);
    return changed === null ? [] : [changed];
  };
}
