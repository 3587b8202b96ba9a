import type { ReplyReason } from './reason.ts';

const reasonPhrases = { 502: 'Bad Gateway', 504: 'Gateway Timeout' } as const;

/** A whole HTTP/1.1 answer with its RFC 9209 Proxy-Status. To HEAD it has no body (RFC 9110 9.3.2). */
export function h1Reply(reason: ReplyReason, method: string | null): Buffer {
  const body = `${reason.text}\n`;
  return Buffer.from(
    [
      `HTTP/1.1 ${reason.status} ${reasonPhrases[reason.status]}`,
      `Proxy-Status: wiretracer; error=${reason.proxyError}`,
      'Content-Type: text/plain; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      method === 'HEAD' ? '' : body,
    ].join('\r\n'),
    'latin1',
  );
}
