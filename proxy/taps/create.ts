import type { ConnectionContext } from '../connection/context.ts';
import { createH1Tap } from './h1/tap.ts';
import { createH2Tap } from './h2/tap.ts';
import { createRawTap, rawState } from './raw.ts';
import { isRedisArray, isRedisReply } from './resp/sniff.ts';
import { createRespTap } from './resp/tap.ts';
import { type SniffedProtocol, sniffGreeting, sniffProtocol } from './sniff.ts';
import type { Side, Tap } from './tap.ts';

/**
 * The tap for a connection: h2 where ALPN said so, else what the first bytes of the client are. An `http/1.x` from ALPN is
 * believed unless the client sends the HTTP/2 preface. Of an upstream that speaks first, SETTINGS means HTTP/2, a refusal in
 * Redis's words Redis, and all else a protocol unknown here, as does an answer to a line such as PING
 * that no Redis gives. Redis has no name in ALPN, so with one it is not looked for.
 */
export function createTap(context: ConnectionContext, alpn: string | null): Tap {
  return alpn === 'h2' ? createH2Tap(context) : createSniffingTap(context, alpn);
}

function createSniffingTap(context: ConnectionContext, alpn: string | null): Tap {
  const isHttp1 = alpn?.startsWith('http/1.') ?? false;
  let chosen: Tap | null = null;
  /** Taken for Redis by a line such as PING, which others say too (clamd answers PONG): the answer's first byte decides. */
  let isDoubtful = false;
  let start: Buffer = Buffer.alloc(0);
  let greeting: Buffer = Buffer.alloc(0);
  /** Whose bytes came, and how many, in their order: a greeting is no answer to a request that came behind it. */
  const order: { from: Side; bytes: number }[] = [];

  const choose = (protocol: SniffedProtocol): Tap => {
    const isOther = protocol === 'raw' || protocol === 'redis';
    chosen = create(context, isOther && alpn !== null ? (isHttp1 ? 'http/1.1' : 'raw') : protocol);
    isDoubtful = protocol === 'redis' && alpn === null && greeting.length === 0 && !isRedisArray(start);
    const rest = { client: start, upstream: greeting };
    start = Buffer.alloc(0);
    greeting = Buffer.alloc(0);
    for (const { from, bytes } of order) {
      chosen.data(from, rest[from].subarray(0, bytes));
      rest[from] = rest[from].subarray(bytes);
    }
    order.length = 0;
    return chosen;
  };

  return {
    data(from, chunk) {
      if (isDoubtful && from === 'upstream' && chunk.length > 0) {
        isDoubtful = false;
        if (!isRedisReply(chunk)) chosen = create(context, 'raw');
      }
      if (chosen !== null) return chosen.data(from, chunk);
      if (from === 'client') start = Buffer.concat([start, chunk]);
      else greeting = Buffer.concat([greeting, chunk]);
      const last = order.at(-1);
      if (last?.from === from) last.bytes += chunk.length;
      else order.push({ from, bytes: chunk.length });
      const protocol = from === 'client' ? sniffProtocol(start) : sniffGreeting(greeting);
      if (protocol !== 'undecided') choose(protocol);
    },
    end(from, how, closeNotify) {
      (chosen ?? choose('raw')).end(from, how, closeNotify);
    },
    state() {
      return chosen?.state() ?? { ...rawState, protocol: isHttp1 ? 'http/1.1' : 'raw' };
    },
    causeOf(by, how) {
      return (chosen ?? choose('raw')).causeOf(by, how);
    },
    close(ending) {
      (chosen ?? choose('raw')).close(ending);
    },
  };
}

function create(context: ConnectionContext, protocol: SniffedProtocol): Tap {
  switch (protocol) {
    case 'h2':
      return createH2Tap(context);
    case 'http/1.1':
      return createH1Tap(context);
    case 'redis':
      return createRespTap(context);
    case 'raw':
      return createRawTap(context);
  }
}
