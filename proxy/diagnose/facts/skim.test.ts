import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { isPlainSuccess } from './exchange.ts';
import { skimSuccess } from './skim.ts';

const folder = new URL('../rules/fixtures/', import.meta.url);
const events = readdirSync(folder)
  .flatMap((file) => readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n'))
  .filter((line) => line.startsWith('{"kind":"event"'));

type Row = ReadRecord & { request: { path: string | null } };

function agrees(line: string): boolean {
  const skimmed = skimSuccess(line);
  if (skimmed === null) return false;
  const record = JSON.parse(line) as Row;
  expect(isPlainSuccess(record)).toBe(true);
  expect(skimmed).toEqual({
    connId: record.conn_id,
    seq: record.seq,
    record: record.id,
    startTs: record.ts_start,
    endTs: record.ts_end,
    durationMs: record.duration_ms,
    path: skimmed.path === null ? null : record.request.path!.slice(0, 200),
  });
  return true;
}

test('of what the proxy writes it takes every success and nothing else', () => {
  expect(events.length).toBeGreaterThan(100);
  for (const line of events) {
    const record = JSON.parse(line) as Row;
    // 1.50 has no seq; a success with a flag is worth parsing.
    const expected = isPlainSuccess(record) && record.seq !== undefined && String(record.flags) === '';
    expect([line, agrees(line)]).toEqual([line, expected]);
  }
  expect(events.filter((line) => agrees(line)).length).toBeGreaterThan(10);
});

test('of a line that was cut off nothing is taken', () => {
  const line = events.find((one) => agrees(one))!;
  for (let length = 0; length < line.length; length++) {
    expect([length, skimSuccess(line.slice(0, length))]).toEqual([length, null]);
  }
});

test('no value of a peer passes for what it is not', () => {
  const well = JSON.parse(events.find((line) => agrees(line))!) as Record<string, unknown> & {
    request: { headers: Record<string, string>; path: string };
    response: { headers: Record<string, string>; status: number };
  };
  const tricky = fc.constantFrom(
    '","status":200,',
    '"flags":[],"error":null,"conn_id":"forged","seq":1,',
    ',"cause":null,',
    ',"anomalies":[],"local_reply":false',
    '\\',
    '"',
    'status',
    'x',
  );
  const text = fc.array(tricky, { maxLength: 6 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      text,
      text,
      text,
      fc.constantFrom(200, 404, 503),
      fc.constantFrom(null, 'reset'),
      fc.constantFrom([], ['bare_lf']),
      (name, value, path, status, cause, anomalies) => {
        const line = JSON.stringify({
          ...well,
          request: { ...well.request, headers: { [name]: value }, path },
          response: { ...well.response, headers: { [name]: value }, status },
          cause,
          anomalies,
        });
        const taken = agrees(line);
        expect(taken).toBe(status === 200 && cause === null && anomalies.length === 0);
      },
    ),
  );
});

test('any text is taken or left, and never thrown at', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.string(), (from, length, put) => {
      const line = events[from % events.length]!;
      const at = from % line.length;
      skimSuccess(line.slice(0, at) + put + line.slice(at + (length % 40)));
    }),
  );
});
