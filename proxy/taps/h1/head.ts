import type { Anomaly } from './anomalies.ts';

/** Fields in wire order, names and values as sent but for the whitespace around them. */
export type Fields = [string, string][];

/** The fields that decide on framing and identity, found in one pass; names compared without case. */
export type KnownFields = {
  host: string | null;
  hostCount: number;
  contentLengths: string[];
  transferEncodings: string[];
  upgrade: boolean;
  traceparent: string | null;
  tid: string | null;
};

export type ParsedFields = { fields: Fields; known: KnownFields };

/** Split the text of a head into lines; notes line ends and characters that RFC 9112 2.2 forbids. */
export function headLines(text: string, note: (anomaly: Anomaly) => void): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= SPACE && code !== DELETE) continue;
    if (code === LF) {
      const hasCr = at > start && text.charCodeAt(at - 1) === CR;
      if (!hasCr) note('bare_lf');
      lines.push(text.slice(start, hasCr ? at - 1 : at));
      start = at + 1;
    } else if (code === CR) {
      if (at + 1 < text.length && text.charCodeAt(at + 1) !== LF) note('bare_cr');
    } else if (code !== TAB) note('control_character');
  }
  lines.push(text.slice(start));
  return lines;
}

/** Parse field lines from `start` to the first empty one. */
export function parseFields(lines: string[], start: number, note: (anomaly: Anomaly) => void): ParsedFields {
  const fields: Fields = [];
  for (let index = start; index < lines.length && lines[index] !== ''; index++) {
    const line = lines[index]!;
    const first = line.charCodeAt(0);
    if (first === SPACE || first === TAB) {
      note('obs_fold');
      const last = fields.at(-1);
      if (last !== undefined) last[1] = trimOws(`${last[1]} ${trimOws(line)}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 0) {
      note('header_without_colon');
      fields.push([line, '']);
      continue;
    }
    const name = line.slice(0, colon);
    if (!isToken(name)) note(/[ \t]$/.test(name) ? 'space_before_colon' : 'invalid_header_name');
    // Without the space, so that a redacted name is found whatever its sender put behind it.
    fields.push([trimOws(name), trimOws(line.slice(colon + 1))]);
  }
  return { fields, known: findKnown(fields) };
}

/** RFC 9110 5.6.2. */
export function isToken(text: string): boolean {
  return token.test(text);
}

/** Without the spaces and tabs around it; String.trim() takes characters away that are part of a value. */
export function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === SPACE || code === TAB;
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DELETE = 0x7f;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Of the names below; spares the others the change of case. */
const knownLengths = new Set([4, 5, 7, 11, 14, 17]);

function findKnown(fields: Fields): KnownFields {
  const known: KnownFields = {
    host: null,
    hostCount: 0,
    contentLengths: [],
    transferEncodings: [],
    upgrade: false,
    traceparent: null,
    tid: null,
  };
  for (const [name, value] of fields) {
    if (!knownLengths.has(name.length)) continue;
    switch (name.toLowerCase()) {
      case 'host':
        known.host ??= value;
        known.hostCount++;
        break;
      case 'content-length':
        known.contentLengths.push(value);
        break;
      case 'transfer-encoding':
        known.transferEncodings.push(value);
        break;
      case 'upgrade':
        known.upgrade = true;
        break;
      case 'traceparent':
        known.traceparent ??= value;
        break;
      case 'x-tid':
        known.tid ??= value;
        break;
    }
  }
  return known;
}
