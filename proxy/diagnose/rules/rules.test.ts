import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../protos/findings/findings.ts';
import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { DiagnosisEngine } from '../engine/engine.ts';
import { rules } from './index.ts';

/** Records of real runs, each named after what is wrong in it: `<rule>.<variant>.jsonl`, or `healthy.<what>.jsonl`. */
const folder = new URL('./fixtures/', import.meta.url);
const fixtures = readdirSync(folder)
  .map((file) => {
    const [id, variant] = file.replace('.jsonl', '').split('.');
    return { file, id: id!, variant: variant ?? null };
  })
  .sort((a, b) => (a.file < b.file ? -1 : 1));

function linesOf(file: string): string[] {
  return readFileSync(new URL(file, folder), 'utf8').trimEnd().split('\n');
}

function diagnose(lines: readonly string[]): Finding[] {
  const engine = new DiagnosisEngine(rules);
  lines.forEach((line, index) => {
    engine.add(JSON.parse(line) as ReadRecord, index + 1);
  });
  engine.finish();
  return engine.findings();
}

/** They tell what a fault leads to: the fault itself comes before them. */
const beside = new Set(['retry-storm', 'timeout-storm']);

describe.each(fixtures.filter(({ id }) => id !== 'healthy'))('$file', ({ file, id, variant }) => {
  const lines = linesOf(file);
  const findings = diagnose(lines);
  const rule = rules.find((one) => one.id === id)!;

  test('is found first, with what proves it', () => {
    const ofItsKind = findings.filter(({ severity }) => severity === (rule.severity ?? 'finding'));
    const first = beside.has(id) ? ofItsKind.find((finding) => finding.id === id) : ofItsKind[0];
    expect(first).toMatchObject({ id, variant });
    expect(first!.evidence.length + (first!.group === null ? 0 : 1)).toBeGreaterThan(0);
    for (const { record, line, kind } of first!.evidence) {
      const shown = JSON.parse(lines[line - 1]!) as { id: string; kind: string };
      expect([shown.kind, record ?? shown.id]).toEqual([kind, shown.id]);
    }
    for (const { record, line } of first!.ruled_out) {
      if (line !== null) expect((JSON.parse(lines[line - 1]!) as { id: string }).id).toBe(record);
    }
    expect(first!.next.length).toBeGreaterThan(0);
    expect(first!.count).toBeLessThanOrEqual(first!.of);
  });

  test('is no other thing it is easily taken for', () => {
    const others = rules.filter((other) => Object.hasOwn(other.lookAlikes, id) && other.id !== id);
    const found = new Set(findings.map((finding) => finding.id));
    expect(others.map((other) => other.id).filter((other) => found.has(other))).toEqual([]);
  });

  test('does not depend on the order of the records', () => {
    const key = (list: Finding[]): string[] =>
      list.map((finding) => `${finding.id} ${finding.variant} ${finding.count}`).sort();
    expect(key(diagnose([...lines].reverse()))).toEqual(key(findings));
  });
});

test.each(fixtures.filter(({ id }) => id === 'healthy'))('$file: nothing', ({ file }) => {
  expect(diagnose(linesOf(file))).toEqual([]);
});

test('who is refused with a wrong password and goes on without one has a wrong password', () => {
  const refused = linesOf('redis-refuses-credentials.wrongpass.jsonl');
  const { conn_id: connId } = JSON.parse(refused[0]!) as { conn_id: string };
  const goesOn = linesOf('redis-refuses-credentials.noauth.jsonl').filter((line) => line.includes('NOAUTH'));
  const same = goesOn.map((line) => JSON.stringify({ ...JSON.parse(line), conn_id: connId }));
  const [first, ...others] = diagnose([...refused, ...same, ...same]);
  expect(others).toEqual([]);
  expect(first).toMatchObject({ id: 'redis-refuses-credentials', variant: 'wrongpass', count: 3 });
});

describe('the list', () => {
  test('has unique kebab-case ids, each with records of a run', () => {
    const ids = rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
    const shown = new Set(fixtures.map(({ id }) => id));
    expect(ids.filter((id) => !shown.has(id))).toEqual([]);
  });

  test('names only rules there are as look-alikes', () => {
    const ids = new Set(rules.map(({ id }) => id));
    for (const { id, lookAlikes } of rules) {
      for (const other of Object.keys(lookAlikes)) expect([id, ids.has(other)]).toEqual([id, true]);
    }
  });

  test('explains every variant it lists ways for', () => {
    for (const { file, id, variant } of fixtures) {
      const { variants } = rules.find((rule) => rule.id === id) ?? {};
      if (variants !== undefined && variant !== null)
        expect([file, Object.keys(variants)]).toEqual([file, expect.arrayContaining([variant])]);
    }
  });
});
