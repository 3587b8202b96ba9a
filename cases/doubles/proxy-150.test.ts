import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Summary } from '../report/summary.ts';
import { defects150, ignoresSampleRate } from './retelling-150.ts';
import { runSuiteInto } from './suite-program.ts';

/** A case for each defect, PROXY headers that hide the client's address, a key 1.50 lacks, and cases nothing is wrong in. */
const panel = [
  'smoke_tls',
  'smoke_h1_plain',
  'proxy_v1_h1',
  'proxy_mixed',
  'proxy_required_present',
  'neg_h1_rst',
  'neg_h1_truncate',
  'neg_h2_close_early',
  'neg_client_rst',
  'mtls_h1_upstream_fail',
  'upstream_refused.h1',
  'allowlist_denied',
  'log_sample_none',
];

const standIn = 'node cases/doubles/proxy-150.ts --config {config}';

async function run(command: string, args: string[]) {
  const out = mkdtempSync(join(tmpdir(), 'suite-'));
  const { exitCode, stdout } = await runSuiteInto(out, [...args, '--proxy-cmd', command]);
  const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as Summary;
  const markdown = readFileSync(join(out, 'summary.md'), 'utf8');
  return { exitCode, stdout, summary, foreign: summary.foreign!, markdown };
}

describe('a program that writes the records of 1.50', () => {
  test('and tells the truth is green wherever its records tell anything', { timeout: 180_000 }, async () => {
    const { exitCode, summary, foreign } = await run(`${standIn} --truthful`, [
      ...panel,
      '@smoke',
      '--time-scale',
      '4',
    ]);
    expect(foreign.causes.map(({ tids, differences }) => [tids, differences])).toEqual([]);
    expect([exitCode, summary.problems]).toEqual([0, []]);
    const skipped = foreign.skipped.flatMap(({ tids }) => tids);
    expect(skipped).toEqual(expect.arrayContaining(['proxy_required_present', 'smoke_h1_plain']));
    expect(foreign.passed).toBe(summary.cases.length - skipped.length);
    expect(foreign.correlation.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(['the address of its socket', 'the only client of its listener']),
    );
    expect(foreign.untold.find(({ field }) => field === 'conn.cause')!.expectations).toBeGreaterThan(5);
  });

  test('with the defects that were measured is found out in each of them, by name, at the end of the report', {
    timeout: 180_000,
  }, async () => {
    const { exitCode, stdout, foreign, markdown } = await run(standIn, panel);
    expect(exitCode).toBe(1);
    const named = foreign.causes.flatMap(({ name }) => name ?? []);
    expect(named.toSorted()).toEqual([...defects150.map(({ name }) => name), ignoresSampleRate].toSorted());
    const end = stdout.slice(stdout.indexOf('What this proxy gets wrong'));
    for (const name of named) expect(end).toContain(`  ${name}: `);
    expect(end).toMatch(/a reset is told as a FIN: 2 TIDs: neg_\w+, neg_\w+\n/);
    expect(end).toContain('conn close: close_reason: "upstream_rst" expected, "upstream_fin" seen: 1 TID');
    expect(end).toContain('conn.cause: ');
    expect(end).toContain('proxy_protocol.mode: 1.50 has no such key: 1 TID: proxy_required_present');
    expect(markdown).toContain('a reset is told as a FIN: 2 TIDs');
  });

  test('whose records fit two clients is skipped with the reason, not judged', {
    timeout: 180_000,
  }, async () => {
    const catalog = mkdtempSync(join(tmpdir(), 'catalog-'));
    const client =
      "proto: h1, proxyHeader: { version: v1, src: '203.0.113.9:4000' }, request: { path: /mode/ok }";
    writeFileSync(
      join(catalog, 'twins.yaml'),
      `area: twins
cases:
  - tid: twins
    title: Two clients that claim one address
    upstream: { kind: http }
    clients: [{ name: a, ${client} }, { name: b, ${client} }]
    expect: { records: [{ kind: conn, event: close, count: 2 }] }
`,
    );
    const { exitCode, summary, foreign } = await run(standIn, ['--cases', catalog]);
    expect(exitCode).toBe(4);
    expect(summary.problems).toEqual([]);
    expect(foreign.skipped).toEqual([
      {
        reason: expect.stringMatching(
          /^cannot be correlated: .* from 203\.0\.113\.9:4000 fits several clients/,
        ),
        tids: ['twins'],
      },
    ]);
  });
});
