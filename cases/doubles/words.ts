import type { Failure } from '../run/results.ts';

/** A failure in one line, without what differs from run to run: ids, ports, times. */
export function wordsOf({ rule, path, expected, seen }: Failure): string {
  const where = path === '' ? rule : `${rule} · ${path}`;
  return lasting(
    `${where}: expected ${expected}, seen ${typeof seen === 'string' ? seen : JSON.stringify(seen)}`,
  );
}

function lasting(text: string): string {
  const plain = text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
    .replace(/\b\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/g, 'DATE')
    .replace(/\bt\d\d[di]\d{4}\w\w_[0-9a-f]{12}_[0-9a-f]{12}/g, 'JA4')
    .replace(/\b127\.\d+\.\d+\.\d+:\d+/g, 'ADDRESS')
    .replace(/\b127\.1\d\.\d+\.\d+/g, 'ADDRESS')
    .replace(/seq is \d+ after \d+, not \d+/g, 'seq is N after N, not N')
    .replace(/ seq \d+/g, '')
    .replace(/\/\S+\.jsonl:\d+/g, 'FILE')
    .replace(/\b\d{10,}(\.\d+)?/g, 'TIME')
    .replace(/\b[0-9a-f]{12,}\b/g, 'HASH')
    .replace(/= \d+\.\d\b/g, '= N')
    .replace(/(?<![.\d])\d{4,5}(?![.\d])/g, 'N')
    .replace(/\bcase-\d+/g, 'LISTENER')
    .replace(/\s+/g, ' ');
  return plain.length <= longest ? plain : `${plain.slice(0, longest - 1)}…`;
}

const longest = 180;
