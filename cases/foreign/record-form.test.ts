import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { CaseView } from '../verify/case-view.ts';
import { fingerprintWords } from './fingerprint-words.ts';
import { lift } from './lift.ts';
import { recordForm } from './record-form.ts';
import { isTold, toldShape } from './vocabulary.ts';

type Row = Record<string, unknown>;

/** Lines that a run of wiretracer 1.50 has written: one of each kind. */
const rows = readFileSync(new URL('rows-150.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

const around = { line: 1, socket: null, upstreamLocal: null, served: true, handshakeDone: false };

function broken(raw: Row): string[] {
  const view = {
    evidence: { records: [{ record: lift(raw, around), raw, line: 1 }] },
  } as unknown as CaseView;
  return recordForm(view).map(({ path }) => path);
}

test('what 1.50 wrote has the form that is held against it', () => {
  expect(rows.map(({ kind }) => kind)).toEqual(['conn', 'tls', 'h2ctl', 'event']);
  for (const row of rows) expect(broken(row), String(row.kind)).toEqual([]);
});

test('every field that 1.50 wrote is one it is expected to tell', () => {
  const paths = (row: Row): string[] =>
    Object.entries(row).flatMap(([key, value]) =>
      key === 'request' || key === 'response' || key === 'fingerprints'
        ? Object.keys(value as Row).map((below) => `${key}.${below}`)
        : [key],
    );
  for (const row of rows) {
    const shape = toldShape(String(row.kind), []);
    expect(paths(row).filter((path) => !isTold(shape, path))).toEqual([]);
  }
  expect(isTold(toldShape('conn', []), 'cause')).toBe(false);
  expect(isTold(toldShape('conn', [{ kind: 'conn', cause: null }]), 'cause')).toBe(true);
});

test('a key that is lacking, of another type or in another place is found; a key more is not', () => {
  const [conn] = rows as [Row];
  const { flags, ...without } = conn;
  expect(broken(without)).toEqual(['conn: keys']);
  expect(new Set(broken({ ...conn, duration_ms: 'nine' }))).toEqual(new Set(['conn: duration_ms']));
  expect(broken({ ...without, flags })).toEqual(['conn: order of keys']);
  expect(broken({ ...conn, cause: 'graceful' })).toEqual([]);
});

/** The first example of JA4's technical details, its suites in the order of the wire. */
const suites = '1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035';

test('the JA4 of 1.50 is none; that of the specification is', () => {
  const found = (fingerprints: Row) =>
    fingerprintWords({
      connections: [{ tlsIn: [{ kind: 'tls', side: 'in', seq: 1, fingerprints }] }],
    } as unknown as CaseView);
  const written = rows[1]!.fingerprints as Row;
  expect(found(written)).toMatchObject([{ path: 'tls in seq 1: fingerprints.ja4', seen: written.ja4 }]);
  const decimal = suites.split(',').map((suite) => Number.parseInt(suite, 16));
  const ja3_raw = `771,${decimal.join('-')},,,`;
  expect(found({ ja3_raw, ja4: 't13d1516h2_8daaf6152771_e5627efa2ab1' })).toEqual([]);
  expect(found({ ja3_raw, ja4: 't13d1516h2_dd7b904f92f3_91a851863f58' })).toHaveLength(1);
});
