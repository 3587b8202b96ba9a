import type { ExchangeGroup } from '../facts/exchange.ts';

/** A client counts from before it connects, and may say its whole deadline; one that leaves earlier than this has another reason. */
const deadlineShare = 0.6;

/** Whether the client, whose deadline had passed, ended an exchange. */
export function clientDeadlinePassed(group: ExchangeGroup): boolean {
  const { cause, error, grpcTimeoutMs, durationMs } = group;
  if (grpcTimeoutMs === null || durationMs === null || cause === null) return false;
  const byClient =
    cause === 'client_gone' ||
    cause === 'eof' ||
    (cause.startsWith('h2_rst:') && (error?.startsWith('downstream') ?? false));
  return byClient && durationMs >= grpcTimeoutMs * deadlineShare;
}

/** Whether somebody ran out of patience: the proxy by its limits, or the client by its deadline. */
export function gaveUpWaiting(group: ExchangeGroup): boolean {
  return group.cause === 'timeout' || clientDeadlinePassed(group);
}
