import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseResult } from '../run/results.ts';
import { failureText, rerunCommand } from './failure-text.ts';

/** Writes all that is known of a case's last attempt into `folder/<tid>/` and gives that path. */
export function writeEvidence(folder: string, result: CaseResult, extra: string[]): string {
  const path = join(folder, result.tid.replace(/[^\w.-]/g, '_'));
  mkdirSync(path, { recursive: true });
  const attempt = result.attempts.at(-1);
  const evidence = attempt?.evidence;
  const { clients, records, connections, ...around } = evidence ?? {
    clients: [],
    records: [],
    connections: [],
  };
  const write = (name: string, text: string) => writeFileSync(join(path, name), text);
  write('case.json', `${JSON.stringify({ ...result.instance, run: around }, null, 2)}\n`);
  write('claimed.jsonl', lines(records.map(({ record, raw }) => raw ?? record)));
  write('client.json', `${JSON.stringify(clients, null, 2)}\n`);
  write('server.jsonl', lines(connections.flatMap(({ observations }) => observations)));
  write('diff.txt', `${(attempt?.failures ?? []).map(failureText).join('\n')}\n`);
  write('rerun.sh', `#!/bin/sh\nexec ${rerunCommand(result, extra)}\n`);
  chmodSync(join(path, 'rerun.sh'), 0o755);
  return path;
}

function lines(values: unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
