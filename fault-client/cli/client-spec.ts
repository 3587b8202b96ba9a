import { readFileSync } from 'node:fs';
import type { ClientSpec, ClientTls, ProxyHeaderSpec } from '../../protos/control/fault-client.ts';
import { divideParameters, limitNames } from '../../protos/control/fault-limits.ts';
import { fileTrouble } from '../../protos/text/system-error.ts';
import type { Certificates } from '../certificates/certificates.ts';
import { checkSpec } from '../control/check-spec.ts';
import { faultLimits } from '../faults/params.ts';
import { findFault } from '../faults/registry.ts';
import type { CliOptions } from './program.ts';

/** The same spec that --control takes. Throws for what cannot be meant. */
export function clientSpec(options: CliOptions, certificates: Certificates): ClientSpec {
  const target = options.target ?? (options.proxyPort && `${options.proxyHost}:${options.proxyPort}`);
  if (!target) throw new Error('where to? Write host:port, such as localhost:8443');
  const fault = options.fault === undefined ? undefined : faultOf(options.fault, options);
  const proto = options.proto ?? (fault ? 'raw' : undefined);
  if (!proto)
    throw new Error('what to do? Write --proto h1, h2, grpc or grpc_native, or --fault with an id of --list');
  const spec = {
    target,
    proto,
    mode: options.mode,
    bind: options.bind,
    cycles: options.cycles,
    connections: options.connections ?? fault?.only?.nth,
    concurrency: options.concurrency,
    timeoutMs: options.timeoutMs,
    intervalMs: milliseconds(options.interval),
    idleMs: milliseconds(options.idle),
    tls: options.plaintext ? undefined : tlsOf(options, certificates),
    proxyHeader: proxyHeaderOf(options),
    request: requestOf(options),
    grpc: options.call === undefined && !proto.startsWith('grpc') ? undefined : grpcOf(options),
    fault,
  };
  return checkSpec(defined(spec), certificates);
}

/** The original's words, then fixture names. */
const certificateNames: Record<string, string | undefined> = {
  none: undefined,
  good: 'client',
  bad: 'bad_client',
  expired: 'client_expired',
  not_yet_valid: 'client_not_yet_valid',
  wrong_eku: 'client_wrong_eku',
};

function tlsOf(options: CliOptions, certificates: Certificates): ClientTls {
  if ((options.clientCert === undefined) !== (options.clientKey === undefined))
    throw new Error('--client-cert and --client-key belong together');
  if (options.clientCert !== undefined && options.clientKey !== undefined)
    certificates.add('file:client', {
      cert: read('--client-cert', options.clientCert),
      key: read('--client-key', options.clientKey),
    });
  const named = options.cert !== undefined && options.cert in certificateNames;
  return defined({
    cert: options.clientCert ? 'file:client' : named ? certificateNames[options.cert!] : options.cert,
    ca: options.ca === undefined ? undefined : caOf(options.ca, certificates),
    // What matters of a fault is the peer's answer, whoever signed its certificate.
    verify: options.insecure || (options.fault !== undefined && options.ca === undefined) ? false : undefined,
    servername: options.sni,
    alpn: options.alpn?.split(',').filter((offer) => offer !== ''),
    minVersion: options.tlsMin as ClientTls['minVersion'],
    maxVersion: options.tlsMax as ClientTls['maxVersion'],
  });
}

function caOf(fileOrName: string, certificates: Certificates): string {
  if (/^\w+$/.test(fileOrName)) return fileOrName;
  certificates.add('file:ca', { cert: read('--ca', fileOrName), key: '' });
  return 'file:ca';
}

function proxyHeaderOf(options: CliOptions): ProxyHeaderSpec | undefined {
  if (options.proxyHeader === undefined) return undefined;
  const endpoint = (
    ip: string | undefined,
    port: number | undefined,
    side: 'src' | 'dst',
  ): string | undefined => {
    if (ip === undefined && port === undefined) return undefined;
    const usual = side === 'src' ? '203.0.113.10' : '192.0.2.10';
    const address = ip ?? usual;
    return `${address.includes(':') ? `[${address}]` : address}:${port ?? (side === 'src' ? 54_321 : 443)}`;
  };
  const src = endpoint(options.proxySrcIp, options.proxySrcPort, 'src');
  return defined({
    version: options.proxyHeader as ProxyHeaderSpec['version'],
    src,
    dst:
      endpoint(options.proxyDstIp, options.proxyDstPort, 'dst') ??
      (src?.startsWith('[') ? '[2001:db8::2]:443' : undefined),
    tlvs: options.tlv.length === 0 ? undefined : options.tlv.map(tlvOf),
    crc32c: options.crc32c,
  });
}

function tlvOf(text: string): { type: number; value_hex: string } {
  const match = /^(0x[0-9a-f]{1,2}|\d{1,3})=((?:[0-9a-f]{2})*)$/i.exec(text);
  const type = Number(match?.[1]);
  if (!match || type > 255) throw new Error(`--tlv ${text}: type=hex is needed, such as 2=6c6f63616c`);
  return { type, value_hex: match[2]! };
}

function requestOf(options: CliOptions): ClientSpec['request'] {
  const body =
    options.body !== undefined
      ? { text: options.body }
      : options.bodyBytes !== undefined
        ? { bytes: options.bodyBytes }
        : undefined;
  const headers = options.header.map((line): [string, string] => {
    const colon = line.indexOf(':', 1);
    if (colon < 1) throw new Error(`--header ${line}: name:value is needed`);
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return defined({
    path: options.path,
    method: options.method,
    body,
    headers: headers.length === 0 ? undefined : headers,
  });
}

function grpcOf(options: CliOptions): ClientSpec['grpc'] {
  return defined({
    call: options.call ?? 'say_hello',
    params: options.param.length === 0 ? undefined : pairs(options.param),
    deadlineMs: options.deadline,
  });
}

/** `id,name=value,…`; what the command line says by an option of its own holds for the fault too. */
function faultOf(text: string, options: CliOptions): NonNullable<ClientSpec['fault']> {
  const [id = '', ...given] = text.split(',');
  const fault = findFault(id);
  const own = Object.keys(fault.params.properties);
  const { params, only } = divideParameters(pairs(given), own, limitNames);
  const meant: Record<string, unknown> = {
    ...(options.plaintext && own.includes('plaintext') && { plaintext: true }),
    ...(options.path !== undefined && own.includes('path') && { path: options.path }),
  };
  const limits = faultLimits(fault, only);
  return { id, params: { ...meant, ...params }, ...(Object.keys(limits).length > 0 && { only: limits }) };
}

function pairs(list: string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((pair) => {
      const equals = pair.indexOf('=');
      if (equals < 1) throw new Error(`${pair}: name=value is needed`);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

function read(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${option} ${file}: ${fileTrouble(error)}; write the path of a PEM file`);
  }
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}
