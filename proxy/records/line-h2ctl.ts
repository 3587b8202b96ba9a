import type { ConnectionContext } from '../connection/context.ts';
import { connectionJson } from './connection-json.ts';
import { epochSeconds, integer, maybeText } from './line-parts.ts';
import type { H2ctlFields } from './log.ts';
import type { Redaction } from './redaction.ts';

/** One `h2ctl` line, newline included; key order as in H2ctlRecord. `ts` is epoch seconds. */
export function h2ctlLine(
  id: string,
  seq: number,
  ts: number,
  context: ConnectionContext,
  redaction: Redaction,
  f: H2ctlFields,
): string {
  const json = connectionJson(context, redaction);
  return (
    `{"kind":"h2ctl","id":"${id}","ts":${epochSeconds(ts)},${json.client}` +
    `,"direction":"${f.direction}","h2_event":"${f.h2_event}","stream_id":${integer(f.stream_id)}` +
    `,"details":${JSON.stringify(f.details)},"conn_id":"${context.connId}","seq":${seq}` +
    `,${json.peer},"error_code_name":${maybeText(f.error_code_name)}}\n`
  );
}
