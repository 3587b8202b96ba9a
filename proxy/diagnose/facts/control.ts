import { errorCodeName } from '../../../protos/h2/constants.ts';
import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { numberOf, objectOf, type Source, sourceOf, textOf } from './values.ts';

/** A control frame that may explain something. `from`: who sent it; of FLOW_BLOCK, who takes no more. */
export type ControlFrame = Source & {
  ts: number | null;
  from: 'client' | 'upstream';
  event: string;
  streamId: number | null;
  code: number | null;
  codeName: string | null;
  lastStreamId: number | null;
  /** GOAWAY's debug data or the text of a decoding error. */
  text: string | null;
  /** INITIAL_WINDOW_SIZE of SETTINGS, where it was among them. */
  initialWindow: number | null;
};

/** The control frames of a connection: of each kind from each side the first ones and how many there were. */
export type ControlFacts = {
  /** Whether the listener records them at all: without, the lack of one proves nothing. */
  recorded: boolean;
  counts: Map<string, number>;
  /** Where each kind from each side came last. */
  lastLines: Map<string, number>;
  frames: ControlFrame[];
};

/** More than this of one kind from one side tell nothing new. */
const keptOfAKind = 4;
const telling = new Set(['SETTINGS', 'SETTINGS_ACK', 'RST_STREAM', 'GOAWAY', 'FLOW_BLOCK', 'DECODE_ERROR']);

export function createControlFacts(): ControlFacts {
  return { recorded: false, counts: new Map(), lastLines: new Map(), frames: [] };
}

export function addControl(facts: ControlFacts, record: ReadRecord, line: number): void {
  facts.recorded = true;
  const event = textOf(record.h2_event, 40) ?? '';
  const from = record.direction === 'downstream' ? 'client' : 'upstream';
  const key = `${from} ${event}`;
  const count = (facts.counts.get(key) ?? 0) + 1;
  if (count === 1 && facts.counts.size >= 40) return;
  facts.counts.set(key, count);
  facts.lastLines.set(key, line);
  if (count > keptOfAKind || !telling.has(event)) return;
  const details = objectOf(record.details);
  const code = numberOf(details.error_code);
  facts.frames.push({
    ...sourceOf(record, line),
    ts: numberOf(record.ts),
    from,
    event,
    streamId: numberOf(record.stream_id),
    code,
    codeName:
      textOf(record.error_code_name) ??
      textOf(details.error_code_name) ??
      (code === null ? null : errorCodeName(code)),
    lastStreamId: numberOf(details.last_stream_id),
    text: textOf(details.error) ?? debugText(details.debug_data_b64),
    initialWindow: initialWindowOf(details.changed),
  });
}

/** Whether the last word of a side was that its flow-control window is used up: no update came after it. */
export function isBlockedBy(facts: ControlFacts, side: 'client' | 'upstream'): boolean {
  const blocked = facts.lastLines.get(`${side} FLOW_BLOCK`);
  return blocked !== undefined && blocked > (facts.lastLines.get(`${side} WINDOW_UPDATE`) ?? 0);
}

export function frameOf(
  facts: ControlFacts,
  from: 'client' | 'upstream',
  event: string,
): ControlFrame | undefined {
  return facts.frames.find((frame) => frame.from === from && frame.event === event);
}

function debugText(value: unknown): string | null {
  const data = textOf(value, 400);
  return data === null || data === '' ? null : Buffer.from(data, 'base64').toString('latin1');
}

function initialWindowOf(changed: unknown): number | null {
  if (!Array.isArray(changed)) return null;
  const found = changed.find((one) => objectOf(one).setting === 'INITIAL_WINDOW_SIZE');
  return found === undefined ? null : numberOf(objectOf(found).new);
}
