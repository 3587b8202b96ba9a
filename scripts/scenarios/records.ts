/** What the proxy wrote so far. */
import { readFileSync, watch } from 'node:fs';
import type { Lab } from './lab.ts';

export type SeenRecord = Record<string, unknown> & { kind: string };

const LIMIT_MS = 5000;

/** All records, once so many connections have their close record. @throws after 5 s. */
export function recordsOf(lab: Lab, closed: number): Promise<SeenRecord[]> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const lines = readFileSync(lab.records, 'utf8').split('\n').slice(0, -1);
      const records = lines.map((line) => JSON.parse(line) as SeenRecord);
      const count = records.filter(({ kind, event }) => kind === 'conn' && event === 'close').length;
      if (count < closed) return;
      end();
      resolve(records);
    };
    const watcher = watch(lab.records, look);
    const limit = setTimeout(() => {
      end();
      reject(new Error(`fewer than ${closed} connections have closed after ${LIMIT_MS} ms`));
    }, LIMIT_MS);
    const end = () => {
      watcher.close();
      clearTimeout(limit);
    };
    look();
  });
}
