import { openRecordFile } from './record-file.ts';
import { createRecordLog } from './record-log.ts';
import { openSink } from './sink.ts';
import { connFields, eventFields, testConnection } from './test-connection.ts';

/** For tests: a process that writes records to the file of its first argument until it is killed. */
const { fd } = openRecordFile(process.argv[2]!);
const sink = openSink(fd, { overflow: 'block' });
const log = createRecordLog(sink, { version: '1', configHash: '' });
const context = testConnection(log);

function turn(): void {
  for (let i = 0; i < 20; i++) log.event(context, eventFields);
  log.conn(context, connFields);
  if (log.congested) log.onceDrained(turn);
  else setImmediate(turn);
}
turn();
console.log('writing');
