import { closeSync, rmSync } from 'node:fs';
import type { EventFields } from './log.ts';
import { openRecordFile } from './record-file.ts';
import { createRecordLog } from './record-log.ts';
import { openSink, type Sink } from './sink.ts';
import { eventFields, testConnection } from './test-connection.ts';

/**
 * For the benchmark: event lines a second of CPU, formatted only, and a second by the clock, written to the file of the
 * second argument. The first says how many. `Varied`: no two exchanges in a row have the same header lists. Prints one line
 * of JSON.
 */
const [count, path] = [Number(process.argv[2]), process.argv[3]!];
/** One turn of the event loop under load holds about so many. */
const linesPerTurn = 100;
const options = { version: '1', configHash: '' };

const requestHeaders = (n: number): [string, string][] => [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', `/small/${n}`],
  [':authority', 'localhost:8443'],
  ['user-agent', 'h2load nghttp2/1.52.0'],
  ['accept', '*/*'],
  ['x-request-id', `b7ad6b7169203331-${n}`],
];
const responseHeaders = (n: number): [string, string][] => [
  [':status', '200'],
  ['server', 'nghttpd nghttp2/1.52.0'],
  ['cache-control', 'max-age=3600'],
  ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
  ['content-length', String(1024 + n)],
  ['content-type', 'application/octet-stream'],
];

/** Exchanges of one connection. */
function exchanges(varied: boolean): EventFields[] {
  const shared = { request: requestHeaders(0), response: responseHeaders(0) };
  return Array.from({ length: 64 }, (_, n) => ({
    ...eventFields,
    ts_start: eventFields.ts_start + n / 1e3,
    ts_end: eventFields.ts_end + n / 1e3,
    request: {
      ...eventFields.request,
      path: `/small/${varied ? n : 0}`,
      stream_id: 2 * n + 1,
      raw_headers: varied ? requestHeaders(n) : shared.request,
      trailers: [],
    },
    response: {
      ...eventFields.response,
      raw_headers: varied ? responseHeaders(n) : shared.response,
      trailers: [],
    },
    informational: [],
  }));
}

function formatted(fields: EventFields[], lines: number): number {
  let chars = 0;
  const sink: Sink = {
    push(line) {
      chars += line.length;
      return true;
    },
    congested: false,
    queued: false,
    onceDrained: (callback) => callback(),
    written: 0,
    dropped: 0,
    flush: async () => {},
    flushSync: () => {},
  };
  const log = createRecordLog(sink, options);
  const context = testConnection(log);
  const started = process.cpuUsage();
  for (let n = 0; n < lines; n++) log.event(context, fields[n & 63]!);
  const { user, system } = process.cpuUsage(started);
  const rate = (lines * 1e6) / (user + system);
  if (chars < lines) throw new Error('lines without text');
  return rate;
}

async function written(fields: EventFields[], lines: number): Promise<number> {
  const { fd } = openRecordFile(path);
  const sink = openSink(fd, { overflow: 'block' });
  const log = createRecordLog(sink, options);
  const context = testConnection(log);
  const started = performance.now();
  for (let n = 0; n < lines; ) {
    const end = Math.min(lines, n + linesPerTurn);
    for (; n < end; n++) log.event(context, fields[n & 63]!);
    await new Promise<void>((resolve) => (log.congested ? log.onceDrained(resolve) : setImmediate(resolve)));
  }
  await sink.flush();
  while (sink.queued) await sink.flush();
  const seconds = (performance.now() - started) / 1000;
  // The start line is one more.
  if (sink.dropped > 0 || sink.written !== lines + 1) {
    throw new Error(`${sink.written} of ${lines + 1} lines reached the file`);
  }
  closeSync(fd);
  rmSync(path);
  return lines / seconds;
}

const [same, different] = [exchanges(false), exchanges(true)];
for (const fields of [same, different]) {
  formatted(fields, 50_000);
  await written(fields, 20_000);
}
console.log(
  JSON.stringify({
    formatted: formatted(same, count),
    formattedVaried: formatted(different, count),
    written: await written(same, count),
    writtenVaried: await written(different, count),
  }),
);
