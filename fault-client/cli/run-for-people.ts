import { styleText } from 'node:util';
import type { ClientResult, ClientSpec } from '../../protos/control/fault-client.ts';
import { choosesConnection } from '../../protos/control/fault-limits.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { faultParams } from '../faults/params.ts';
import { findFault } from '../faults/registry.ts';
import { sparedSpec } from '../faults/run-fault.ts';
import { runClient } from '../run/run-client.ts';
import { clientSpec } from './client-spec.ts';
import { failureText } from './failure-text.ts';
import type { CliOptions } from './program.ts';
import { whatThePeerDid } from './what-came-back.ts';

/** One line before, one after for each connection of a fault; the exit code says whether it went well. */
export async function runForPeople(options: CliOptions, certificates: Certificates): Promise<number> {
  const spec = clientSpec(options, certificates);
  const write = (text: string) => void process.stdout.write(`${text}\n`);
  if (!options.json) write(intention(spec));
  let good = true;
  for (let n = 1; n <= (spec.connections ?? 1); n++) {
    const chosen = spec.fault === undefined || choosesConnection(spec.fault.only ?? {}, n);
    const one = chosen ? withoutLimits(spec) : sparedSpec(spec, findFault(spec.fault!.id));
    const result = await runClient(one, { certificates, onSocket: () => {} });
    good &&= spec.fault && chosen ? wasCarriedOut(result) : result.outcome === 'ok';
    if (options.json) write(JSON.stringify(forMachines(spec, chosen, n, result), null, 2));
    else write(spec.fault ? faultOutcome(spec, chosen, n, result) : outcome(spec, result));
  }
  return good ? 0 : 1;
}

function withoutLimits({ connections: _, ...spec }: ClientSpec): ClientSpec {
  return spec.fault ? { ...spec, fault: { ...spec.fault, only: undefined } } : spec;
}

export function intention(spec: ClientSpec): string {
  if (spec.fault) return faultIntention(spec, spec.fault);
  const parts = [
    `${spec.proto} ${spec.mode ?? 'ok'} to ${spec.target}`,
    spec.tls ? `TLS as ${spec.tls.servername ?? 'localhost'}` : 'plaintext',
    spec.tls?.cert ? `certificate ${spec.tls.cert}` : '',
    spec.proxyHeader ? `PROXY ${spec.proxyHeader.version}` : '',
    spec.grpc ? `call ${spec.grpc.call}` : '',
    spec.cycles ? `${spec.cycles} cycles` : '',
  ];
  return parts.filter(Boolean).join(', ');
}

/** The fault, its parameters and limits, where, by which rule. */
function faultIntention(spec: ClientSpec, { id, params, only }: NonNullable<ClientSpec['fault']>): string {
  const fault = findFault(id);
  const pairs = (values: object) => Object.entries(values).map(([name, value]) => `${name}=${value}`);
  const limits = pairs(only ?? {});
  const parts = [
    [id, ...pairs(faultParams(fault, params))].join(' '),
    limits.length > 0 ? `, only ${limits.join(' ')} of ${spec.connections} connections,` : '',
    limits.length === 0 && (spec.connections ?? 1) > 1 ? ` ${spec.connections} times` : '',
    ` to ${spec.target}`,
    spec.proxyHeader ? ` behind a PROXY ${spec.proxyHeader.version} header` : '',
    `: ${fault.summary}`,
    fault.spec === null ? '' : ` [${fault.spec}]`,
  ];
  return parts.join('');
}

/** What the peer answered is the outcome of a fault; only one that never reached it has failed. */
function wasCarriedOut({ outcome, error, sockets }: ClientResult): boolean {
  return outcome === 'ok' || (outcome === 'error' && sockets.length > 0 && error?.phase !== 'connect');
}

function faultOutcome(spec: ClientSpec, chosen: boolean, n: number, result: ClientResult): string {
  const number = (spec.connections ?? 1) > 1 ? `#${n} ` : '';
  const parts = [
    chosen ? '' : 'not chosen, one good request',
    result.tls ? `${result.tls.version} ${result.tls.alpn ?? 'no ALPN'}` : '',
    `the peer ${whatThePeerDid(result).join(', ') || 'was not reached'}`,
    failureText(spec, result),
    `${result.duration_ms.toFixed(1)} ms`,
  ];
  const good = chosen ? wasCarriedOut(result) : result.outcome === 'ok';
  const text = parts.filter(Boolean).join('; ');
  const word = good ? 'done' : result.outcome === 'timeout' ? 'gave up' : 'failed';
  return `${number}${styleText(good ? 'green' : 'red', word, { stream: process.stdout })}; ${text}`;
}

function forMachines(spec: ClientSpec, chosen: boolean, n: number, result: ClientResult): object {
  if (!spec.fault) return result;
  const {
    id,
    layer,
    summary,
    spec: rule,
    params,
  } = { ...findFault(spec.fault.id), params: spec.fault.params };
  const fault = {
    id,
    layer,
    summary,
    spec: rule,
    params: faultParams(findFault(id), params),
    only: spec.fault.only ?? {},
  };
  return { fault, target: spec.target, connection: n, chosen, peer_did: whatThePeerDid(result), ...result };
}

export function outcome(spec: ClientSpec, result: ClientResult): string {
  const colour = result.outcome === 'ok' ? 'green' : 'red';
  const parts = [
    // styleText itself heeds NO_COLOR and whether the output is a terminal.
    styleText(colour, result.outcome, { stream: process.stdout }),
    failureText(spec, result),
    result.tls ? `${result.tls.version} ${result.tls.alpn ?? 'no ALPN'}` : '',
    `the peer ${whatThePeerDid(result).join(', ') || 'was not reached'}`,
    ...result.notes.slice(0, 3),
    result.notes.length > 3 ? `and ${result.notes.length - 3} more notes (--json)` : '',
    `${result.duration_ms.toFixed(1)} ms`,
  ];
  return parts.filter(Boolean).join('; ');
}
