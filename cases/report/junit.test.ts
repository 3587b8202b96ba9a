import { expect, test } from 'vitest';
import type { CaseReport } from './case-report.ts';
import { mergeCaseReports } from './case-report.ts';
import { junit } from './junit.ts';

const red = {
  status: 'failed' as const,
  durationMs: 5,
  failures: [{ rule: 'records.close', text: 'a < b & ]]> \u0007' }],
};
const green = { status: 'passed' as const, durationMs: 7, failures: [] };
const report = (tid: string, rest: Partial<CaseReport>): CaseReport => ({
  tid,
  title: 'T',
  area: 'tls',
  tags: [],
  file: 'cases/catalog/tls/a.yaml',
  line: 3,
  status: 'passed',
  flaky: false,
  reason: null,
  durationMs: 12,
  attempts: [green],
  properties: { title: 'T' },
  ...rest,
});

test('passed, failed twice, flaky and skipped cases', () => {
  const xml = junit(
    [
      report('ok', {}),
      report('bad', { status: 'failed', attempts: [red, red] }),
      report('flaky', { flaky: true, attempts: [red, green] }),
      report('away', { status: 'skipped', reason: 'needs <openssl>', attempts: [] }),
    ],
    new Date(0),
  );
  expect(xml).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="wiretracer" tests="4" failures="1" errors="0" skipped="1">
      <testsuite name="tls" timestamp="1970-01-01T00:00:00" time="0.048" tests="4" failures="1" errors="0" skipped="1">
        <testcase classname="wiretracer.tls" name="ok" time="0.012" file="cases/catalog/tls/a.yaml" line="3">
          <properties>
            <property name="title" value="T"/>
          </properties>
        </testcase>
        <testcase classname="wiretracer.tls" name="bad" time="0.012" file="cases/catalog/tls/a.yaml" line="3">
          <properties>
            <property name="title" value="T"/>
          </properties>
          <failure message="a &lt; b &amp; ]] > �" type="expect.records.close"><![CDATA[a < b & ]] > �]]></failure>
          <rerunFailure message="a &lt; b &amp; ]] > �" type="expect.records.close" time="0.005">
            <stackTrace><![CDATA[a < b & ]] > �]]></stackTrace>
          </rerunFailure>
        </testcase>
        <testcase classname="wiretracer.tls" name="flaky" time="0.012" file="cases/catalog/tls/a.yaml" line="3">
          <properties>
            <property name="title" value="T"/>
          </properties>
          <flakyFailure message="a &lt; b &amp; ]] > �" type="expect.records.close" time="0.005">
            <stackTrace><![CDATA[a < b & ]] > �]]></stackTrace>
          </flakyFailure>
        </testcase>
        <testcase classname="wiretracer.tls" name="away" time="0.012" file="cases/catalog/tls/a.yaml" line="3">
          <properties>
            <property name="title" value="T"/>
          </properties>
          <skipped message="needs &lt;openssl>"/>
        </testcase>
      </testsuite>
    </testsuites>"
  `);
});

test('a case that passes in a rerun is flaky and keeps its first failure', () => {
  const [merged] = mergeCaseReports(
    [report('bad', { status: 'failed', attempts: [red] })],
    [report('bad', {})],
  );
  expect(merged).toMatchObject({ status: 'passed', flaky: true, attempts: [red, green] });
});

test('a case that did not run again keeps its verdict', () => {
  const [merged] = mergeCaseReports(
    [report('bad', { status: 'failed', attempts: [red] })],
    [report('bad', { status: 'not-run', attempts: [] })],
  );
  expect(merged!.status).toBe('failed');
});
