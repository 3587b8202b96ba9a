import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository, runSuiteInto } from './suite-program.ts';

test('a changed expectation fails its case alone; --last-failed takes up that one; put back, all is green', async () => {
  const catalog = mkdtempSync(join(tmpdir(), 'catalog-'));
  const out = mkdtempSync(join(tmpdir(), 'suite-'));
  const honest = readFileSync(join(repository, 'cases/catalog/smoke/smoke.yaml'), 'utf8');
  const file = join(catalog, 'smoke.yaml');
  writeFileSync(file, honest.replace('cause: connection_refused', 'cause: dns_error'));

  const changed = await runSuiteInto(out, ['--cases', catalog]);
  const green = ['smoke_h1_plain', 'smoke_tls.h1', 'smoke_tls.h2'];
  expect(changed).toMatchObject({ exitCode: 1, red: ['smoke_refused'], green });
  expect(changed.stdout).toContain(
    'records.0 · cause\n    expected "dns_error"\n    seen     "connection_refused"',
  );

  const again = await runSuiteInto(out, ['--cases', catalog, '--last-failed']);
  expect(again.exitCode).toBe(1);
  expect(again.stdout).toMatch(/^FAIL smoke_refused [\s\S]*\n1 case in [\s\S]*0 passed, 1 failed$/);

  writeFileSync(file, honest);
  const back = await runSuiteInto(out, ['--cases', catalog, '--last-failed']);
  expect(back).toMatchObject({ exitCode: 0, red: [], green: [...green, 'smoke_refused'].toSorted() });
  expect(back.stdout).toMatch(/^1 case in [\s\S]*1 passed, 0 failed$/m);

  const junit = readFileSync(join(out, 'junit.xml'), 'utf8');
  const names = [...junit.matchAll(/<testcase [^>]*?\bname="([^"]+)"/g)].map(([, name]) => name);
  expect(names.toSorted()).toEqual([...green, 'smoke_refused'].toSorted());
  expect(junit).not.toContain('<failure');
});
