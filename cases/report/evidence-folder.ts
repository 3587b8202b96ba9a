import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence } from '../run/evidence.ts';
import type { CaseResult } from '../run/results.ts';
import { failureText, rerunCommand } from './failure-text.ts';

/** Writes all that is known of a case's last attempt into `folder/<tid>/` and gives that path. */
export function writeEvidence(folder: string, result: CaseResult, extra: string[]): string {
  const path = join(folder, result.tid.replace(/[^\w.-]/g, '_'));
  mkdirSync(path, { recursive: true });
  const attempt = result.attempts.at(-1);
  const evidence = attempt?.evidence;
  const { clients, records, connections, measurement, direct, ...around }: Partial<Evidence> & Told =
    evidence ?? {
      clients: [],
      records: [],
      connections: [],
    };
  const write = (name: string, text: string) => writeFileSync(join(path, name), text);
  const { bystander, twin, ...figures } = measurement ?? {};
  const run = measurement ? { ...around, measurement: figures } : around;
  write('case.json', `${JSON.stringify({ ...result.instance, run }, null, 2)}\n`);
  for (const [name, own] of Object.entries({ bystander, twin }))
    if (own) write(`${name}.jsonl`, lines(own.records.map(({ record }) => record)));
  write('claimed.jsonl', lines(records.map(({ record, raw }) => raw ?? record)));
  write('client.json', `${JSON.stringify(clients, null, 2)}\n`);
  write('server.jsonl', lines(connections.flatMap(({ observations }) => observations)));
  if (direct) write('direct.json', `${JSON.stringify(direct, null, 2)}\n`);
  write('diff.txt', `${(attempt?.failures ?? []).map(failureText).join('\n')}\n`);
  write('rerun.sh', `#!/bin/sh\nexec ${rerunCommand(result, extra)}\n`);
  chmodSync(join(path, 'rerun.sh'), 0o755);
  return path;
}

type Told = Pick<Evidence, 'clients' | 'records' | 'connections'>;

function lines(values: unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
