import { createTap } from '../../taps/create.ts';
import { sniffProtocol } from '../../taps/sniff.ts';
import type { Tap } from '../../taps/tap.ts';
import { guardTap } from '../guarded-tap.ts';
import type { Leg } from '../leg.ts';
import { destroyLeg } from '../leg.ts';
import type { Session } from '../session.ts';
import type { UpstreamFailure } from '../upstream.ts';
import { shutdownVerdict, type Verdict } from '../verdict.ts';
import { h1Reply } from './h1.ts';
import { H2Responder } from './h2.ts';
import { type ReplyReason, replyReason } from './reason.ts';

/** How long a client may take to read the answer and close, after it was sent. */
const LINGER_MS = 1000;

/** Answers a request in one protocol: bytes to send now, and whether the answer is complete. */
export type Responder = { push(chunk: Buffer): { send: Buffer | null; done: boolean } };

/**
 * The upstream could not be reached: wait for the client's first request, answer it in its protocol, and end. The tap is shown
 * the answer as if the upstream had sent it, so that the request has its event.
 */
export async function answerUpstreamFailure(
  session: Session,
  held: { tap: Tap | null },
  client: Leg,
  alpn: string | null,
  failure: UpstreamFailure,
): Promise<Verdict> {
  const verdict: Verdict = {
    closedBy: failure.closedBy,
    closeReason: 'upstream_connect_fail',
    flags: ['upstream_connect_fail'],
    cause: failure.cause,
    term: failure.term,
    error: failure.error,
    timedOut: failure.timedOut,
  };
  if (failure.cause === 'shutdown') return shutdownVerdict('C');
  session.context.localReply = failure;
  const tap = guardTap(createTap(session.context, alpn), session);
  held.tap = tap;
  const reason = replyReason(failure.cause, failure.timedOut);
  await converse(
    session,
    client,
    tap,
    alpn === 'h2' ? new H2Responder(reason) : sniffingResponder(reason, alpn !== null),
  );
  destroyLeg(client);
  return session.cancelled ? shutdownVerdict('C') : verdict;
}

/** The upstream stayed silent: 504 where HTTP/1.1 allows an answer, that is before its first byte; null where it does not. */
export function gatewayTimeoutAnswer(session: Session, client: Leg, tap: Tap): Promise<void> | null {
  const { unanswered } = tap.state();
  if (unanswered === null || !client.stream.writable) return null;
  const reply = h1Reply(replyReason('timeout', true), unanswered.method);
  session.context.localReply = {
    cause: 'timeout',
    error: 'the upstream did not answer within read_timeout',
    timedOut: true,
  };
  session.bytesOut += reply.length;
  tap.data('upstream', reply);
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS);
    const sent = (): void => {
      clearTimeout(timer);
      resolve();
    };
    client.stream.end(reply, sent);
    client.stream.once('close', sent);
  });
}

/** Without ALPN the first bytes tell whom to answer; to a protocol nobody here speaks an end is all there is to say. */
function sniffingResponder(reason: ReplyReason, isHttp1: boolean): Responder {
  let start = Buffer.alloc(0);
  let chosen: Responder | null = null;
  return {
    push(chunk) {
      if (chosen !== null) return chosen.push(chunk);
      start = Buffer.concat([start, chunk]);
      const protocol = sniffProtocol(start);
      if (protocol === 'undecided') return { send: null, done: false };
      if ((protocol === 'raw' || protocol === 'redis') && !isHttp1) return { send: null, done: true };
      chosen = protocol === 'h2' ? new H2Responder(reason) : h1Responder(reason);
      return chosen.push(start);
    },
  };
}

function h1Responder(reason: ReplyReason): Responder {
  let head = Buffer.alloc(0);
  let done = false;
  return {
    push(chunk) {
      if (done) return { send: null, done };
      head = Buffer.concat([head, chunk]);
      done = head.includes('\r\n\r\n') || head.length > 65536;
      const method = /^[\r\n]*([^ ]+) /.exec(head.toString('latin1', 0, 64))?.[1] ?? null;
      return { send: done ? h1Reply(reason, method) : null, done };
    },
  };
}

function converse(session: Session, client: Leg, tap: Tap, responder: Responder): Promise<void> {
  const { stream } = client;
  return new Promise((resolve) => {
    let timer = setTimeout(finish, session.runtime.config.policy.readTimeoutMs);
    let answered = false;
    function finish(): void {
      clearTimeout(timer);
      session.cancel = null;
      setImmediate(resolve);
    }
    session.cancel = finish;
    client.onError = () => {
      session.clientEnd = 'rst';
      finish();
    };
    stream.on('data', (chunk: Buffer) => {
      session.bytesIn += chunk.length;
      tap.data('client', chunk);
      if (answered) return;
      const { send, done } = responder.push(chunk);
      if (send !== null) {
        session.bytesOut += send.length;
        tap.data('upstream', send);
        stream.write(send);
      }
      if (!done) return;
      answered = true;
      stream.end();
      clearTimeout(timer);
      timer = setTimeout(finish, LINGER_MS);
    });
    stream.on('end', () => {
      session.clientEnd = 'fin';
      session.clientCloseNotify = client.closeNotify();
      tap.end('client', 'fin');
      // What was answered may still be on its way.
      if (answered && !stream.writableFinished) stream.once('finish', finish);
      else finish();
    });
    stream.on('close', finish);
    if (session.cancelled || client.error !== null || stream.readableEnded) finish();
    else stream.resume();
  });
}
