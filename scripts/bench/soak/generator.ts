/**
 * One process of the soak's load: HTTP/2 connections over TLS, most of them idle, the others sending small GETs. Driven
 * over the IPC channel (messages.ts); ends when that closes.
 */
import { once } from 'node:events';
import http2, { type ClientHttp2Session } from 'node:http2';
import { addFailures, type Failures, type FromGenerator, type ToGenerator } from './messages.ts';

const GIVE_UP_MS = 30_000;
/** Connections closed at once: an end costs the proxy a turn too, and all of them at once would be one long one. */
const CLOSING = 16;

const idle: ClientHttp2Session[] = [];
const active: ClientHttp2Session[] = [];
const failures: Failures = {};
const requests = new Set<Promise<void>>();
const timers = new Set<NodeJS.Timeout>();
let answered = 0;
let closing = false;

process.on('message', (message: ToGenerator) => {
  if (message.kind === 'open') void openAll(message);
  else if (message.kind === 'send') sendAll(message.ratePerConnection);
  else void closeAll();
});
process.on('disconnect', () => process.exit(0));

async function openAll(order: Extract<ToGenerator, { kind: 'open' }>): Promise<void> {
  let left = order.idle + order.active;
  const oneAfterTheOther = async () => {
    while (left > 0) {
      const list = left-- > order.active ? idle : active;
      try {
        list.push(await open(order.port, order.localAddress));
      } catch (error) {
        fail(`connect: ${words(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: order.concurrency }, oneAfterTheOther));
  tell({ kind: 'opened', idle: idle.length, active: active.length, failures });
}

/** Resolves after a first answered GET: SETTINGS alone might come from a proxy that cannot reach its upstream. */
async function open(port: number, localAddress: string): Promise<ClientHttp2Session> {
  const session = http2.connect(`https://127.0.0.1:${port}`, {
    // The types forget that these options go to tls.connect, which hands localAddress on to the socket.
    ...({ rejectUnauthorized: false, localAddress } as http2.SecureClientSessionOptions),
  });
  // What ends a session ends its request too, and that is asked about below.
  let wordsOfEnd = 'closed by the other side';
  session.on('error', (error) => {
    wordsOfEnd = words(error);
  });
  try {
    await get(session);
  } catch (error) {
    session.destroy();
    throw error;
  }
  answered += 1;
  session.on('close', () => {
    if (!closing) fail(`connection: ${wordsOfEnd}`);
  });
  return session;
}

function sendAll(ratePerConnection: number): void {
  const everyMs = 1000 / ratePerConnection;
  for (const session of active) {
    // A random first moment; all at once would be a storm every period.
    later(Math.random() * everyMs, function next() {
      if (session.closed || session.destroyed) return;
      const startedAt = performance.now();
      const request = get(session)
        .then(
          () => {
            answered += 1;
          },
          (error) => fail(`request: ${words(error)}`),
        )
        .finally(() => {
          requests.delete(request);
          if (!closing) later(Math.max(0, startedAt + everyMs - performance.now()), next);
        });
      requests.add(request);
    });
  }
}

async function get(session: ClientHttp2Session): Promise<void> {
  const stream = session.request({ ':path': '/small' });
  const signal = AbortSignal.timeout(GIVE_UP_MS);
  try {
    const [headers] = (await once(stream, 'response', { signal })) as [http2.IncomingHttpHeaders];
    const { ':status': status, 'content-length': length } = headers as Record<string, unknown>;
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await once(stream, 'end', { signal });
    if (status !== 200) throw new Error(`status ${status}`);
    if (bytes !== Number(length)) throw new Error(`${bytes} bytes of ${length}`);
  } catch (error) {
    stream.on('error', () => {});
    stream.destroy();
    throw error;
  }
}

async function closeAll(): Promise<void> {
  closing = true;
  for (const timer of timers) clearTimeout(timer);
  await Promise.all(requests);
  const sessions = [...idle, ...active].filter((session) => !session.closed && !session.destroyed);
  const held = sessions.length;
  const oneAfterTheOther = async () => {
    for (let session = sessions.pop(); session !== undefined; session = sessions.pop()) {
      const over = once(session, 'close');
      session.close();
      await over;
    }
  };
  await Promise.all(Array.from({ length: CLOSING }, oneAfterTheOther));
  tell({ kind: 'closed', tally: { held, answered, failures } });
}

function later(ms: number, then: () => void): void {
  const timer = setTimeout(() => {
    timers.delete(timer);
    then();
  }, ms);
  timers.add(timer);
}

function fail(what: string): void {
  addFailures(failures, { [what]: 1 });
}

function words(error: unknown): string {
  const { name, code, message } = error as NodeJS.ErrnoException;
  return name === 'AbortError' ? `nothing for ${GIVE_UP_MS / 1000} s` : (code ?? message);
}

function tell(message: FromGenerator): void {
  process.send!(message);
}
