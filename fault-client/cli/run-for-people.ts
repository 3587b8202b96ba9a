import { styleText } from 'node:util';
import type { ClientResult, ClientSpec } from '../../protos/control/fault-client.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { runClient } from '../run/run-client.ts';
import { clientSpec } from './client-spec.ts';
import type { CliOptions } from './program.ts';

/** One line before, one after; the exit code says whether it went well. */
export async function runForPeople(options: CliOptions, certificates: Certificates): Promise<number> {
  const spec = clientSpec(options, certificates);
  if (!options.json) process.stdout.write(`${intention(spec)}\n`);
  const result = await runClient(spec, { certificates, onSocket: () => {} });
  process.stdout.write(`${options.json ? JSON.stringify(result, null, 2) : outcome(result)}\n`);
  return result.outcome === 'ok' ? 0 : 1;
}

export function intention(spec: ClientSpec): string {
  const what = spec.fault ? `fault ${spec.fault.id}` : `${spec.proto} ${spec.mode ?? 'ok'}`;
  const parts = [
    `${what} to ${spec.target}`,
    spec.proto === 'raw' ? '' : spec.tls ? `TLS as ${spec.tls.servername ?? 'localhost'}` : 'plaintext',
    spec.tls?.cert ? `certificate ${spec.tls.cert}` : '',
    spec.proxyHeader ? `PROXY ${spec.proxyHeader.version}` : '',
    spec.grpc ? `call ${spec.grpc.call}` : '',
    spec.cycles ? `${spec.cycles} cycles` : '',
  ];
  return parts.filter(Boolean).join(', ');
}

export function outcome(result: ClientResult): string {
  const colour = result.outcome === 'ok' ? 'green' : 'red';
  const parts = [
    // styleText itself heeds NO_COLOR and whether the output is a terminal.
    styleText(colour, result.outcome, { stream: process.stdout }),
    result.error ? `${result.error.phase}: ${result.error.code} (${result.error.message})` : '',
    answers(result),
    result.tls ? `${result.tls.version} ${result.tls.alpn ?? 'no ALPN'}` : '',
    ended(result.close),
    result.close.goaway ? `GOAWAY ${result.close.goaway.code}` : '',
    ...result.notes.slice(0, 3),
    result.notes.length > 3 ? `and ${result.notes.length - 3} more notes (--json)` : '',
    `${result.duration_ms.toFixed(1)} ms`,
  ];
  return parts.filter(Boolean).join('; ');
}

function answers(result: ClientResult): string {
  if (result.exchanges.length === 0) return '';
  const each = result.exchanges.map((one) =>
    one.grpc_status !== null
      ? `grpc-status ${one.grpc_status}`
      : one.status !== null
        ? `${one.status}`
        : 'no answer',
  );
  const counts = new Map<string, number>();
  for (const text of each) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count === 1 ? text : `${count} × ${text}`)).join(', ');
}

function ended(close: ClientResult['close']): string {
  if (close.by === null) return '';
  const peer = close.peer_end ? `, the peer by ${close.peer_end.toUpperCase()}` : '';
  return close.by === 'self'
    ? `this side ended first${peer}`
    : `the peer ended first by ${close.peer_end?.toUpperCase()}`;
}
