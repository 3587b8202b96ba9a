/** What a successful exchange adds to what is known of its connection. */
export type Success = {
  record: string | null;
  startTs: number | null;
  endTs: number | null;
  durationMs: number | null;
  path: string | null;
};

/** The same, read off a line that was not parsed. */
export type SkimmedSuccess = Success & { connId: string; seq: number };

const begin = '{"kind":"event","id":"';

/**
 * Reads what matters of an `event` that needs no looking at, without parsing it: most lines of a log are such, and half of the
 * time would go into them. Null for anything else, or anything that is not written exactly as the proxy writes it; whoever
 * gets null parses. Inside a JSON string a quote has a backslash before it, so no value can pass for one of these keys.
 */
export function skimSuccess(text: string): SkimmedSuccess | null {
  // The end of a line that a crash or a copy cut off may be missing after all that is read here.
  if (!text.startsWith(begin) || !text.endsWith('}')) return null;
  const tail = text.lastIndexOf('"flags":[],"error":null,"conn_id":"');
  if (tail < 0) return null;
  const end = text.slice(tail);
  const connId = textAfter(end, '"conn_id":"');
  const seq = numberAfter(end, '"seq":', 0);
  if (connId === null || seq === null) return null;
  if (!end.includes(',"cause":null,') || !end.includes(',"anomalies":[],"local_reply":false')) return null;
  if (!isWell(text, end, tail)) return null;
  const id = text.indexOf('"', begin.length);
  const authority = text.lastIndexOf(',"authority":', tail);
  const path = text.lastIndexOf(',"path":"', authority);
  return {
    connId,
    seq,
    record: text.slice(begin.length, id),
    startTs: numberAfter(text, '"ts_start":', id),
    endTs: numberAfter(text, '"ts_end":', id),
    durationMs: numberAfter(text, '"duration_ms":', tail - 40),
    path: path < 0 || authority < 0 ? null : plain(text.slice(path + 9, authority - 1)),
  };
}

/** A status below 400, and for gRPC its own status 0. */
function isWell(text: string, end: string, tail: number): boolean {
  const protocol = textAfter(text, '"protocol":"');
  if (protocol === 'grpc') {
    if (!end.includes(',"grpc_status":0,')) return false;
  } else if (protocol !== 'http1' && protocol !== 'http2') return false;
  const status = text.lastIndexOf('"status":', tail);
  return status > 0 && /^[123]\d\d,/.test(text.slice(status + 9, status + 13));
}

function textAfter(text: string, key: string): string | null {
  const at = text.indexOf(key);
  if (at < 0) return null;
  const start = at + key.length;
  const end = text.indexOf('"', start);
  return end < 0 || end - start > 100 ? null : text.slice(start, end);
}

function numberAfter(text: string, key: string, from: number): number | null {
  const at = text.indexOf(key, from);
  if (at < 0) return null;
  const start = at + key.length;
  const number = Number.parseFloat(text.slice(start, start + 24));
  return Number.isFinite(number) ? number : null;
}

/** With an escape in it a text is worth parsing; what it would be for is a word in a note. */
function plain(text: string): string | null {
  return text.includes('\\') || text.includes('"') ? null : text.slice(0, 200);
}
