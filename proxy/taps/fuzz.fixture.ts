import { Ajv2020 } from 'ajv/dist/2020.js';
import { EventRecord, H2ctlRecord } from '../../protos/records/records.ts';
import { atMost, holds, type Step } from '../../protos/testing/fuzz-target.ts';
import type { ConnectionContext } from '../connection/context.ts';
import type { EventFields, H2ctlFields } from '../records/log.ts';
import { recordingContext } from './h1/recording.fixture.ts';
import type { Side, StreamEnd, Tap } from './tap.ts';

export const sides = ['client', 'upstream'] as const;

const endings: [Side, StreamEnd][] = [
  ['client', 'fin'],
  ['client', 'rst'],
  ['upstream', 'fin'],
  ['upstream', 'rst'],
];
/** Four header lists of 64 KiB, each character at worst six in JSON, and the rest of an event. */
const eventCharacters = 4 * 6 * 65_536 + 16_384;

/**
 * Shows a tap a whole connection and gives back what it recorded and what it knows, without times. The clock moves with every
 * chunk, so that a judgement made by the clock and not by the order of the bytes shows. The bytes say how the connection ends.
 */
export function connectionOf(
  create: (context: ConnectionContext, clock: () => number) => Tap,
  steps: Iterable<Step>,
): unknown {
  const events: EventFields[] = [];
  const rows: H2ctlFields[] = [];
  const base = recordingContext({ logBody: true, bodyMaxBytes: 64, h2ControlEvents: true }).context;
  const context: ConnectionContext = {
    ...base,
    log: {
      ...base.log,
      event: (_context, fields) => void events.push(eventOf(fields)),
      h2ctl: (_context, fields) => void rows.push(rowOf(fields)),
    },
  };
  let nowMs = 1_000_000;
  const tap = create(context, () => nowMs);
  const came = { client: 0, upstream: 0 };
  let sum = 0;
  for (const { from, bytes } of steps) {
    const side = sides[from];
    nowMs += 0.001;
    for (const byte of bytes) sum += byte;
    came[side] += bytes.length;
    tap.data(side, bytes);
  }
  const before = tap.state();
  const causes = endings.map(([by, how]) => tap.causeOf(by, how));
  const place = sum % endings.length;
  const [by, how] = endings[place]!;
  tap.end(by, how);
  const judged = causes[place];
  tap.close({ cause: judged?.cause ?? 'graceful', error: judged?.error ?? '', timedOut: false });
  const told = events.length;
  tap.close({ cause: 'timeout', error: 'twice', timedOut: true });
  tap.data('client', Buffer.from('late'));
  holds(events.length === told, 'nothing is told after the end');
  const after = tap.state();
  holds(after.openExchanges === 0, 'no exchange is open after the end');
  const bytes = came.client + came.upstream;
  // Each needs a byte at least; a control frame has nine and leaves two rows at most, beside sixteen errors a side and more.
  atMost('events', events.length, bytes);
  atMost('control rows', rows.length, (2 * bytes) / 9 + 40);
  atMost('bytes in', sumOf(events, 'bytes_in'), came.client);
  atMost('bytes out', sumOf(events, 'bytes_out'), came.upstream);
  return { events, rows, before, causes, after };
}

function sumOf(events: EventFields[], key: 'bytes_in' | 'bytes_out'): number {
  return events.reduce((sum, event) => sum + event[key], 0);
}

/** As it is now: what a tap changes later must not change what it recorded. */
function eventOf(fields: EventFields): EventFields {
  const text = JSON.stringify({ ...fields, ts_start: 0, ts_end: 0, duration_ms: 0 });
  atMost('characters of an event', text.length, eventCharacters);
  const event = JSON.parse(text) as EventFields;
  const { error, cause, flags } = event;
  holds((error === null) === (cause === null) || flags.length === 0, 'an error has its cause');
  // As it was given: JSON makes null of a number that is none.
  const valid = isEvent({ ...fields, ...filled, kind: 'event', upstream_addr: 'up:1', upstream_local: null });
  holds(valid, `an event fits its schema: ${ajv.errorsText(isEvent.errors)}`);
  return event;
}

function rowOf(fields: H2ctlFields): H2ctlFields {
  const valid = isRow({ ...fields, ...filled, kind: 'h2ctl', ts: 1 });
  holds(valid, `a control row fits its schema: ${ajv.errorsText(isRow.errors)}`);
  const text = JSON.stringify(fields, (key, value: unknown) => {
    holds(typeof value !== 'number' || Number.isFinite(value), `${key} of a control row is a number`);
    return value;
  });
  return JSON.parse(text) as H2ctlFields;
}

const ajv = new Ajv2020({ allErrors: true });
const isEvent = ajv.compile(EventRecord);
const isRow = ajv.compile(H2ctlRecord);

/** What the log fills in. */
const filled = {
  id: 'i',
  listener: 'test',
  client_ip: '127.0.0.1',
  client_port: 1,
  conn_id: 'c',
  seq: 0,
  peer_ip: '127.0.0.1',
  peer_port: 1,
};
