/**
 * A proxy double for the runner's tests: relays plaintext HTTP/1.1 with one request per connection and writes its
 * records. `--fault` makes it die, never-close, lie-status, hide-event, gap, orphan, garbage or late; flip-byte and
 * fin-to-rst change what it relays, and its records tell just that.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';

type Entry = { name: string; upstream: { addr: string }; logging: { jsonl_path: string } };

const { config, fault } = parseArgs({
  options: {
    config: { type: 'string' },
    headless: { type: 'boolean' },
    fault: { type: 'string', default: 'none' },
  },
}).values;
const { listeners } = parse(readFileSync(config!, 'utf8')) as { listeners: Entry[] };
const path = listeners[0]!.logging.jsonl_path;
let seq = 0;
const write = (record: object) => appendFileSync(path, `${JSON.stringify(record)}\n`);
const meta = (event: string, open: object[]) =>
  write({
    kind: 'meta',
    event,
    ts: Date.now() / 1000,
    seq: seq++,
    schema: 'wiretracer/2',
    version: '0',
    pid: process.pid,
    config_hash: '',
    listeners: open,
    written: event === 'stop' ? seq : null,
    dropped: event === 'stop' ? 0 : null,
  });

const opened = await Promise.all(
  listeners.map(
    (entry) =>
      new Promise<object>((resolve) => {
        const server = createServer({ allowHalfOpen: true }, (socket) => relay(entry, socket));
        server.listen(0, '127.0.0.1', () =>
          resolve({ name: entry.name, host: '127.0.0.1', port: (server.address() as AddressInfo).port }),
        );
      }),
  ),
);
meta('start', []);
meta('ready', opened);
process.on('SIGTERM', () => {
  meta('stop', []);
  process.exit(0);
});

function relay(entry: Entry, client: Socket): void {
  const started = Date.now() / 1000;
  const connId = randomUUID();
  const peer = { peer_ip: client.remoteAddress!, peer_port: client.remotePort! };
  const common = () => ({ listener: entry.name, client_ip: peer.peer_ip, client_port: peer.peer_port });
  let upstreamLocal: string | null = null;
  let ender: 'client' | 'upstream' | null = null;
  let requestHead = '';
  let responseText = '';
  const conn = (event: 'open' | 'close', end: { path: string | null; status: number | null }) => {
    const close = event === 'close';
    const ts = close ? Date.now() / 1000 : started;
    write({
      kind: 'conn',
      id: randomUUID(),
      ts,
      ...common(),
      upstream_addr: entry.upstream.addr,
      event,
      proxy_version: 'none',
      proxy_src: null,
      proxy_dst: null,
      closed_by: close ? ender : null,
      close_reason: close ? `${ender}_fin` : null,
      duration_ms: close ? Math.round((ts - started) * 1000) : null,
      flags: close ? [`${ender}_fin`, `${ender === 'client' ? 'upstream' : 'client'}_fin`] : [],
      conn_id: connId,
      tid: null,
      path: end.path,
      seq: seq++,
      ...peer,
      upstream_local: upstreamLocal,
      cause: close ? 'graceful' : null,
      term: close ? '--' : null,
      error: null,
      protocol: close ? 'http/1.1' : null,
      bytes_in: close ? requestHead.length : null,
      bytes_out: close ? responseText.length : null,
      proxy_tlvs: [],
      proxy_command: null,
      client_end: close ? 'fin' : null,
      upstream_end: close ? 'fin' : null,
      client_close_notify: null,
      upstream_close_notify: null,
    });
  };
  conn('open', { path: null, status: null });
  const [host, port] = entry.upstream.addr.split(':');
  const upstream = connect({ host: host!, port: Number(port), allowHalfOpen: true }, () => {
    upstreamLocal = `${upstream.localAddress}:${upstream.localPort}`;
  });
  client.on('data', (chunk: Buffer) => {
    if (fault === 'die') process.exit(7);
    requestHead += chunk.toString('latin1');
    upstream.write(chunk);
  });
  upstream.on('data', (chunk: Buffer) => {
    if (fault === 'flip-byte') chunk[chunk.length - 1]! ^= 1;
    responseText += chunk.toString('latin1');
    client.write(chunk);
  });
  let ended = 0;
  const end = (by: 'client' | 'upstream', other: Socket) => () => {
    ender ??= by;
    if (fault === 'fin-to-rst' && by === 'upstream') other.resetAndDestroy();
    else other.end();
    if (++ended === 2) finish();
  };
  client.on('end', end('client', upstream)).on('error', () => upstream.destroy());
  upstream.on('end', end('upstream', client)).on('error', () => client.destroy());

  function finish(): void {
    const { event, path: target } = exchange();
    if (fault !== 'hide-event') write(event);
    if (fault === 'gap') seq++;
    if (fault === 'garbage') appendFileSync(path, '{"kind": "conn", \n');
    if (fault !== 'never-close') conn('close', { path: target, status: null });
    if (fault === 'late') setImmediate(() => write({ ...event, id: randomUUID(), seq: seq++ }));
    if (fault === 'orphan')
      write({
        ...event,
        id: randomUUID(),
        seq: seq++,
        conn_id: randomUUID(),
        peer_ip: '127.0.0.1',
        peer_port: 1,
        upstream_local: null,
      });
  }

  function exchange() {
    const [line = '', ...fields] = requestHead.split('\r\n\r\n')[0]!.split('\r\n');
    const [method, target] = line.split(' ');
    const [responseHead = '', body = ''] = responseText.split('\r\n\r\n');
    const [status = '', ...responseFields] = responseHead.split('\r\n');
    const pairs = (lines: string[]) =>
      lines.map((text) => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1).trim()]);
    const now = Date.now() / 1000;
    const request = pairs(fields);
    const response = pairs(responseFields);
    const code = Number(status.split(' ')[1]);
    const event = {
      kind: 'event',
      id: randomUUID(),
      ts_start: started,
      ts_end: now,
      ...common(),
      upstream_addr: entry.upstream.addr,
      protocol: 'http1',
      tls: { sni: null, alpn: null, version: null, cipher: null },
      request: {
        headers: Object.fromEntries(request),
        body_b64: null,
        body_truncated: false,
        content_length: null,
        method,
        path: target,
        authority:
          Object.fromEntries(request.map(([name, value]) => [name!.toLowerCase(), value])).host ?? null,
        stream_id: null,
        grpc_service: null,
        grpc_method: null,
        raw_headers: request,
        trailers: [],
      },
      response: {
        headers: Object.fromEntries(response),
        body_b64: Buffer.from(body, 'latin1').toString('base64') || null,
        body_truncated: false,
        content_length: contentLength(response),
        status: fault === 'lie-status' ? code + 1 : code,
        raw_headers: response,
        trailers: [],
      },
      bytes_in: requestHead.length,
      bytes_out: responseText.length,
      duration_ms: Math.round((now - started) * 1000),
      flags: [],
      error: null,
      conn_id: connId,
      seq: seq++,
      ...peer,
      upstream_local: upstreamLocal,
      tid: null,
      trace_id: null,
      cause: null,
      error_code: null,
      error_code_name: null,
      grpc_status: null,
      grpc_message: null,
      grpc_request_messages: null,
      grpc_response_messages: null,
      grpc_timeout_ms: null,
      trailers_only: null,
      informational: [],
      anomalies: [],
      local_reply: false,
      redis: null,
    };
    return { event, path: target ?? null };
  }
}

function contentLength(fields: (string | undefined)[][]): number | null {
  const field = fields.find(([name]) => name?.toLowerCase() === 'content-length');
  return field ? Number(field[1]) : null;
}
