import { styleText } from 'node:util';
import type { Outcome } from './outcome.ts';

/** One line for people: who came, what this server did, what the peer did. */
export function outcomeText(outcome: Outcome): string {
  const parts = [
    outcome.proxy && outcome.proxy.version !== 'none' ? proxyText(outcome.proxy) : '',
    outcome.tls ? tlsText(outcome.tls) : '',
    some(outcome.requests.map(requestText)),
    deedText(outcome),
    `the peer ${peerText(outcome)}`,
    `${outcome.bytes_in} bytes in, ${outcome.bytes_out} out, ${outcome.duration_ms} ms`,
  ].filter((part) => part !== '');
  return `${dim(`#${outcome.conn} ${outcome.remote}`)} ${parts.join('; ')}\n`;
}

function deedText({ chosen, did, answers }: Outcome): string {
  const answered = answers.length > 0 ? `answered ${some(answers.map(String))}` : '';
  if (!chosen) return `not chosen, served well${answered ? `: ${answered}` : ''}`;
  const deed = did.length > 0 ? yellow(some(did)) : red('the fault did not come to pass');
  return answered ? `${deed}; ${answered}` : deed;
}

/** What was seen of the peer, in the order in which a connection ends: its words, then its end of TCP. */
function peerText({ peer, peer_end, ended_by, bytes_in, tls }: Outcome): string {
  const words = peer.map(({ said, code, name, stream_id }) => {
    if (said === 'alert') return name === 'close_notify' ? 'sent close_notify' : `sent alert ${code} ${name}`;
    if (said === 'goaway') return `sent GOAWAY ${code} ${name}`;
    return `reset stream ${stream_id} with ${code} ${name}`;
  });
  const own = ended_by === 'self' ? ' after this server had ended' : '';
  if (peer_end === 'fin') words.push(`sent FIN${own}`);
  else if (peer_end === 'rst') words.push(`reset TCP${own}`);
  else words.push(ended_by === 'self' ? 'was still there at the end' : 'vanished');
  if (bytes_in === 0 && tls === null) words.unshift('sent no byte');
  return words.join(', ');
}

function proxyText({ version, src, error }: NonNullable<Outcome['proxy']>): string {
  return error ? red(`PROXY header invalid: ${error}`) : `PROXY ${version} src ${src ?? '-'}`;
}

function tlsText({ outcome, version, alpn, error }: NonNullable<Outcome['tls']>): string {
  return outcome === 'ok' ? `${version} ${alpn ?? 'no ALPN'}` : red(`TLS failed: ${error ?? 'unknown'}`);
}

function requestText({ protocol, method, path, body_bytes, complete }: Outcome['requests'][number]): string {
  const body = body_bytes > 0 ? ` ${body_bytes} bytes` : '';
  return `${protocol} ${printable(method)} ${printable(path)}${body}${complete ? '' : ' cut'}`;
}

/** The first few of a list; equal ones once, with their number. */
function some(items: string[]): string {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  const texts = [...counts].map(([text, count]) => (count === 1 ? text : `${count} × ${text}`));
  return texts.length <= 3
    ? texts.join(', ')
    : `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more`;
}

/** A peer's text must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}

const dim = (text: string) => styleText('dim', text, { stream: process.stdout });
const red = (text: string) => styleText('red', text, { stream: process.stdout });
const yellow = (text: string) => styleText('yellow', text, { stream: process.stdout });
