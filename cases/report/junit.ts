import jrb, { type Builder, type TestCase } from 'junit-report-builder';
import type { CaseReport } from './case-report.ts';

// Its types say `export default`, its CommonJS says `module.exports =`.
const factory = jrb as unknown as { newBuilder(): Builder };

type Element = ReturnType<TestCase['build']>;
type Attempt = CaseReport['attempts'][number];

/**
 * The JUnit document: one suite per area, one testcase per TID. The builder writes what it can say; `line`, the reason
 * of a skip, and the flaky and rerun elements of Maven Surefire are added to its XML elements.
 */
export function junit(reports: CaseReport[], timestamp: Date): string {
  const builder = factory.newBuilder().name('wiretracer');
  for (const area of [...new Set(reports.map((report) => report.area))].sort()) {
    const own = reports.filter((report) => report.area === area);
    const suite = builder.testSuite().name(area).timestamp(timestamp);
    suite.time(seconds(own.reduce((sum, { durationMs }) => sum + durationMs, 0)));
    for (const report of own) addCase(suite.testCase(), report);
  }
  return builder.build();
}

function addCase(testCase: TestCase, report: CaseReport): void {
  testCase
    .className(`wiretracer.${report.area}`)
    .name(report.tid)
    .time(seconds(report.durationMs))
    .file(report.file);
  for (const [name, value] of Object.entries(report.properties)) testCase.property(name, clean(value));
  const red = report.attempts.filter(({ status }) => status !== 'passed');
  const first = report.flaky ? undefined : red[0];
  if (report.status === 'skipped' || report.status === 'not-run') testCase.skipped();
  else if (first && report.status === 'error') testCase.error(message(first), type(first), body(first));
  else if (first && report.status === 'failed')
    testCase.failure(message(first), type(first)).stacktrace(body(first));
  const complete = testCase.build.bind(testCase);
  testCase.build = (parent) => {
    const element = complete(parent);
    element.att('line', String(report.line));
    for (const attempt of report.flaky ? red : red.slice(1)) {
      const word = attempt.status === 'error' ? 'Error' : 'Failure';
      addAttempt(element, `${report.flaky ? 'flaky' : 'rerun'}${word}`, attempt);
    }
    if (report.reason !== null) skippedElement(element)?.att('message', clean(report.reason));
    return element;
  };
}

function addAttempt(element: Element, name: string, attempt: Attempt): void {
  element
    .ele(name, { message: message(attempt), type: type(attempt), time: seconds(attempt.durationMs) })
    .ele('stackTrace')
    .cdata(body(attempt));
}

function skippedElement(element: Element): Element | undefined {
  const { children } = element as unknown as { children: (Element & { name: string })[] };
  return children.find(({ name }) => name === 'skipped');
}

function message({ failures }: Attempt): string {
  const [first] = failures;
  const more = failures.length > 1 ? ` (and ${failures.length - 1} more)` : '';
  return first ? clean(first.text.replace(/\s+/g, ' ').slice(0, 300)) + more : 'failed';
}

function type({ failures }: Attempt): string {
  return `expect.${failures[0]?.rule ?? 'unknown'}`;
}

function body({ failures }: Attempt): string {
  return clean(failures.map(({ text }) => text).join('\n'));
}

function seconds(durationMs: number): number {
  return Math.round(durationMs) / 1000;
}

/** XML 1.0 has no place for control characters, nor CDATA for its own end. */
function clean(text: string): string {
  return text
    .replace(/\u001b\[[0-9;]*m/g, '')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .toWellFormed()
    .replaceAll(']]>', ']] >');
}
