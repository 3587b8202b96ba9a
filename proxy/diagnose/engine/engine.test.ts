import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import schema from '../../../protos/findings/findings.schema.json' with { type: 'json' };
import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { Tally } from '../../query/reading/tally.ts';
import { diagnosisOf } from '../report/diagnosis.ts';
import { findingText } from '../report/finding-text.ts';
import { styleFor } from '../report/layout.ts';
import { rules } from '../rules/index.ts';
import { DiagnosisEngine } from './engine.ts';

const folder = new URL('../rules/fixtures/', import.meta.url);
const records = readdirSync(folder).flatMap((file) =>
  readFileSync(new URL(file, folder), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(0, 12)
    .map((line) => JSON.parse(line) as ReadRecord),
);
const validate = new Ajv2020({ strict: false }).compile(schema);

function conclude(engine: DiagnosisEngine): void {
  engine.finish();
  const diagnosis = diagnosisOf(engine, [{ file: 'x', tally: new Tally() }], true);
  validate(diagnosis);
  expect(validate.errors).toBeNull();
  for (const finding of [...diagnosis.findings, ...diagnosis.notes])
    findingText(finding, 1, 80, styleFor(true));
}

test('records of which anything may be something else never throw, and what is found keeps the schema', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(null, '', 'x', -1, 1e300, 'h2_rst:', ':', '__proto__', [], {}),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(), fc.nat(), value), { minLength: 1, maxLength: 40 }),
      fc.nat({ max: 3 }),
      (changes, connections) => {
        const engine = new DiagnosisEngine(rules);
        changes.forEach(([which, key, put], index) => {
          const record = structuredClone(records[which % records.length]!) as Record<string, unknown>;
          record.conn_id = `c${which % (connections + 1)}`;
          const keys = Object.keys(record).filter((name) => name !== 'conn_id' && name !== 'kind');
          const name = keys[key % keys.length]!;
          const inner = record[name];
          if (typeof inner === 'object' && inner !== null && key % 2 === 0) {
            const names = Object.keys(inner);
            if (names.length > 0) (inner as Record<string, unknown>)[names[key % names.length]!] = put;
          } else record[name] = put;
          engine.add(record as ReadRecord, index + 1);
        });
        conclude(engine);
      },
    ),
    { numRuns: 300 },
  );
});

test('connections that never end, and listeners without number, do not pile up', () => {
  const engine = new DiagnosisEngine(rules);
  const failing = records.find((record) => record.kind === 'tls' && record.cause === 'verify_expired')!;
  for (let turn = 0; turn < 30_000; turn++) {
    engine.add(
      {
        ...failing,
        conn_id: `c${turn}`,
        listener: `l${turn}`,
        client_ip: `10.${turn >> 16}.${(turn >> 8) & 255}.${turn & 255}`,
        upstream: { addr: `u${turn}:1` },
      },
      turn + 1,
    );
  }
  conclude(engine);
  expect(engine.totals.connections).toBe(30_000);
  expect(engine.findings().length).toBeLessThanOrEqual(500);
});

test('a connection with exchanges of every kind stays small and each is counted', () => {
  const engine = new DiagnosisEngine(rules);
  const event = records.find((record) => record.kind === 'event' && record.cause === 'eof_before_headers')!;
  for (let turn = 0; turn < 5000; turn++) {
    engine.add(
      { ...event, conn_id: 'c', error: `the upstream closed ${turn}`, cause: `word${turn}` },
      turn + 1,
    );
  }
  conclude(engine);
  expect(engine.totals.exchanges).toBe(5000);
  expect(engine.findings().length).toBeLessThanOrEqual(40);
});

test('what happened is told with its first and last time and the most frequent clients', () => {
  const engine = new DiagnosisEngine(rules);
  const close = records.find((record) => record.kind === 'conn' && record.cause === 'allowlist_denied')!;
  for (let turn = 0; turn < 60; turn++) {
    const client = turn % 3 === 0 ? '10.0.0.1' : '10.0.0.2';
    engine.add(
      { ...close, conn_id: `c${turn}`, ts: 1000 + turn, client_ip: client, peer_ip: '10.9.9.9' },
      turn + 1,
    );
  }
  engine.finish();
  expect(engine.findings()).toMatchObject([
    {
      id: 'allowlist-denied',
      count: 60,
      of: 60,
      since: 1000,
      until: 1059,
      clients: [
        { value: '10.0.0.2', count: 40 },
        { value: '10.0.0.1', count: 20 },
      ],
    },
  ]);
});

test('what the failing clients have in common and the others lack is told', () => {
  const engine = new DiagnosisEngine(rules);
  const refused = records.find((record) => record.kind === 'tls' && record.cause === 'cert_expired')!;
  const well = records.find(
    (record) => record.kind === 'tls' && record.side === 'in' && record.outcome === 'ok',
  )!;
  const certificate = (issuer: string): object => ({
    subject: 'CN=x',
    issuer,
    not_before: '',
    not_after: '',
    san: null,
  });
  for (let turn = 0; turn < 52; turn++) {
    const bad = turn < 12;
    engine.add(
      {
        ...(bad ? refused : well),
        conn_id: `c${turn}`,
        listener: 'l',
        client_ip: `10.0.0.${turn}`,
        peer_cert: certificate(bad ? 'CN=X' : 'CN=Y'),
      },
      turn + 1,
    );
  }
  engine.finish();
  expect(engine.findings()[0]).toMatchObject({
    id: 'client-cert-expired',
    group: {
      dimension: 'issuer',
      value: 'CN=X',
      failures: 12,
      of_failures: 12,
      successes: 0,
      of_successes: 40,
    },
  });
});

test('words that every object knows are codes and causes like any other', () => {
  for (const word of ['__proto__', 'constructor', 'toString']) {
    const engine = new DiagnosisEngine(rules);
    for (const [index, record] of records.entries()) {
      const changed = structuredClone(record) as Record<string, unknown>;
      for (const key of ['error_code_name', 'h2_event']) if (key in changed) changed[key] = word;
      if (typeof changed.cause === 'string') changed.cause = `h2_rst:${word}`;
      engine.add(changed as ReadRecord, index + 1);
      engine.add({ ...changed, conn_id: `own-${index}`, cause: word } as unknown as ReadRecord, index + 1);
    }
    conclude(engine);
  }
});
