/** Many records out of few: copies of a recording, each with connections of its own. */
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';

/** Writes `records` lines or a few more: whole copies, with ids no other copy has and numbers that go on. */
export async function multiplyRecords(from: string, to: string, records: number): Promise<void> {
  const lines = readFileSync(from, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{"kind":"meta"'));
  // The first eight digits of an id become the number of the copy and a part of what they were.
  const parts = lines.map((line) => line.split(/(?<="(?:conn_)?id":")([0-9a-f]{8})(?=-)|(?<="seq":)(\d+)/));
  const out = createWriteStream(to, { mode: 0o600 });
  let seq = 0;
  for (let copy = 0; seq < records; copy++) {
    const prefix = copy.toString(16).padStart(4, '0');
    let text = '';
    for (const [head, ...rest] of parts) {
      text += head;
      for (let at = 0; at < rest.length; at += 3) {
        const [id, number, tail] = rest.slice(at, at + 3);
        text += (number === undefined ? prefix + id!.slice(4) : String(seq)) + tail!;
      }
      text += '\n';
      seq++;
    }
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}
