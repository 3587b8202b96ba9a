import { createHash } from 'node:crypto';
import type { H2ctlRecord } from '../../../protos/records/records.ts';
import { deepEqual, isObject, show } from '../../json.ts';
import type { CaseInstance } from '../../load/catalog.ts';
import { type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';
import { gaveUp } from './gave-up.ts';

type Change = { setting: string; old: number | null; new: number };

export const h2Settings: Invariant = {
  name: 'h2-settings',
  witness:
    'RFC 9113 defaults; fingerprints against the SETTINGS and the request they are made of, by their hashes',
  check: ({ connections, instance }) =>
    connections.flatMap((connection) =>
      connection.h2ctl.length === 0
        ? []
        : [
            ...(['downstream', 'upstream'] as const).flatMap((direction) =>
              ofDirection(connection, direction, instance),
            ),
            ...akamai(connection),
          ],
    ),
};

function ofDirection(
  { h2ctl, close, events, client }: ConnectionView,
  direction: H2ctlRecord['direction'],
  { upstream }: CaseInstance,
): Mismatch[] {
  const broken: Mismatch[] = [];
  const of = (word: string, from = direction) =>
    h2ctl.filter((record) => record.h2_event === word && record.direction === from);
  const other = direction === 'downstream' ? 'upstream' : 'downstream';
  const [first] = of('SETTINGS');
  const prints = of('FINGERPRINT');
  if (prints.length !== (first ? 1 : 0)) {
    broken.push({ path: `h2ctl FINGERPRINT ${direction}`, expected: first ? '1' : '0', seen: prints.length });
  }
  const [print] = prints;
  if (first && print) {
    const pairs = changes(first).map((change) => `${change.setting.toLowerCase()}=${change.new}`);
    const profile = [...new Set(pairs)].sort().join(';') || 'none';
    if (print.details.profile !== profile)
      broken.push(differs(print, 'details.profile', profile, print.details.profile));
    const hash = `h2fp1:${digest('sha256', String(print.details.profile)).slice(0, 16)}`;
    if (print.details.h2fp !== hash) broken.push(differs(print, 'details.h2fp', hash, print.details.h2fp));
  }
  for (const change of first ? changes(first) : []) {
    const usual = defaults[change.setting];
    if (usual !== undefined && change.old !== usual) {
      broken.push(differs(first!, `details.changed ${change.setting} old`, show(usual), change.old));
    }
  }
  const acknowledged = of('SETTINGS_ACK', other);
  const sent = of('SETTINGS');
  for (const [index, ack] of acknowledged.entries()) {
    const expected = sent[index]?.details.changed ?? [];
    if (!deepEqual(ack.details.changed, expected)) {
      broken.push(differs(ack, 'details.changed', show(expected), ack.details.changed));
    }
  }
  const completed = events.some(({ response, error }) => response.status !== null && error === null);
  const fault =
    direction === 'upstream' ? client?.spec.fault : typeof upstream === 'object' && upstream.fault;
  const refuses = fault && silent.includes(fault.id);
  // An answer that came on the wire is not yet one that the client read.
  const unread = direction === 'upstream' && gaveUp(client);
  const settled = close?.cause === 'graceful' && completed && !refuses && !unread;
  if (settled && acknowledged.length < sent.length) {
    broken.push({
      path: `h2ctl SETTINGS_ACK ${other}`,
      expected: String(sent.length),
      seen: acknowledged.length,
    });
  }
  return broken;
}

/** `settings|window|priority|pseudo-header order`, and its MD5. */
function akamai({ h2ctl, events }: ConnectionView): Mismatch[] {
  const broken: Mismatch[] = [];
  const prints = h2ctl.filter(({ h2_event }) => h2_event === 'AKAMAI_FINGERPRINT');
  const [event] = [...events].sort(
    (left, right) => (left.request.stream_id ?? 0) - (right.request.stream_id ?? 0),
  );
  if (event && prints.length !== 1)
    broken.push({ path: 'h2ctl AKAMAI_FINGERPRINT', expected: '1', seen: prints.length });
  for (const print of prints) {
    const { akamai: text, akamai_hash: hash } = print.details;
    if (print.direction !== 'downstream')
      broken.push(differs(print, 'direction', 'downstream', print.direction));
    if (hash !== digest('md5', String(text)))
      broken.push(differs(print, 'details.akamai_hash', 'the MD5 of akamai', hash));
    const [settings] = h2ctl.filter(
      ({ h2_event, direction }) => h2_event === 'SETTINGS' && direction === 'downstream',
    );
    const sent =
      settings &&
      changes(settings).map((change) => `${settingIds[change.setting] ?? change.setting}:${change.new}`);
    if (sent && sent.length > 0 && String(text).split('|')[0] !== sent.join(';'))
      broken.push(differs(print, 'details.akamai', `${sent.join(';')}|…, in the order of SETTINGS`, text));
    const order = event?.request.raw_headers
      .flatMap(([name]) => (fingerprinted.includes(name) ? [name[1]] : []))
      .join(',');
    if (order && String(text).split('|')[3] !== order)
      broken.push(differs(print, 'details.akamai', `…|${order}`, text));
  }
  return broken;
}

function changes({ details }: H2ctlRecord): Change[] {
  const list: unknown[] = Array.isArray(details.changed) ? details.changed : [];
  return list.filter((item): item is Change => isObject(item) && typeof item.setting === 'string');
}

function digest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text).digest('hex');
}

/** The pseudo-headers whose order Akamai's fingerprint has. */
const fingerprinted = [':method', ':authority', ':scheme', ':path'];

/** RFC 9113 6.5.2, RFC 8441 3; an unknown setting is told by its number. */
const settingIds: Record<string, number> = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
  ENABLE_CONNECT_PROTOCOL: 8,
  NO_RFC7540_PRIORITIES: 9,
};

/** Faults that leave SETTINGS without acknowledgement. */
const silent = ['h2-settings-no-ack', 'h2-srv-no-settings-ack'];

/** RFC 9113 6.5.2 and RFC 8441 3. */
const defaults: Record<string, number | null> = {
  HEADER_TABLE_SIZE: 4096,
  ENABLE_PUSH: 1,
  INITIAL_WINDOW_SIZE: 65_535,
  MAX_FRAME_SIZE: 16_384,
  ENABLE_CONNECT_PROTOCOL: 0,
};
