import type { ClientResult, ExchangeResult } from '../../protos/control/fault-client.ts';
import type { ServerObservation } from '../../protos/control/fault-server.ts';
import { didYouMean } from '../../protos/text/nearest.ts';
import { isObject } from '../json.ts';

/** What can be written of a value: anything, one of some words, a list, or a map with these keys alone. */
type Words = 'any' | readonly string[] | { each: Words } | { fields: Record<string, Words> };
type Mistake = { path: string; text: string };

/** Finds words no result of the fault-client can have; several clients have theirs under their names. */
export function wrongClientWords(pattern: unknown, clients: readonly string[], path: string): Mistake[] {
  if (clients.length < 2) return wrongIn(pattern, result, path);
  return wrongIn(pattern, { fields: Object.fromEntries(clients.map((name) => [name, result])) }, path);
}

/** Finds words no observation of the fault-server can have; `rule` keys are those of a rule around its pattern. */
export function wrongObservationWords(rule: unknown, path: string): Mistake[] {
  if (!isObject(rule)) return [];
  const { as, count, after, before, within, client, ...pattern } = rule;
  const kind = pattern.observation;
  const kinds = Object.keys(observations);
  if (typeof kind !== 'string')
    return wrongIn(pattern, { fields: Object.assign({}, ...Object.values(observations)) }, path);
  if (kinds.includes(kind))
    return wrongIn(pattern, { fields: observations[kind as keyof typeof observations] }, path);
  return [
    {
      path: `${path}/observation`,
      text: `nothing is observed as ${kind}; ${didYouMean(kind, kinds)}write one of ${kinds.join(', ')}`,
    },
  ];
}

function wrongIn(pattern: unknown, words: Words, path: string): Mistake[] {
  if (words === 'any') return [];
  if (isObject(pattern)) {
    const [key = '', ...more] = Object.keys(pattern);
    if (key.startsWith('$') && more.length === 0) return wrongInOperator(key, pattern[key], words, path);
    if ('fields' in words) return wrongInMap(pattern, words.fields, path);
    return [];
  }
  if (Array.isArray(pattern))
    return 'each' in words ? pattern.flatMap((item, at) => wrongIn(item, words.each, `${path}/${at}`)) : [];
  const isWord = typeof pattern === 'string' && Array.isArray(words) && !words.includes(pattern);
  if (!isWord) return [];
  const key = path.split('/').pop() ?? '';
  return [{ path, text: `${key} is never ${pattern}; write ${(words as readonly string[]).join(', ')}` }];
}

function wrongInMap(pattern: Record<string, unknown>, known: Record<string, Words>, path: string): Mistake[] {
  const names = Object.keys(known);
  return Object.entries(pattern).flatMap(([key, value]) => {
    const at = `${path}/${key}`;
    if (known[key] !== undefined) return wrongIn(value, known[key], at);
    return [
      {
        path: at,
        text: `there is no ${key} here; ${didYouMean(key, names)}write one of ${names.join(', ')}`,
      },
    ];
  });
}

/** What an operator takes as a pattern, or as values, is judged like what stands without it. */
function wrongInOperator(operator: string, operand: unknown, words: Words, path: string): Mistake[] {
  const at = `${path}/${operator}`;
  if (operator === '$not' || operator === '$eq' || operator === '$ne') return wrongIn(operand, words, at);
  if (['$any', '$all', '$in', '$notIn'].includes(operator) && Array.isArray(operand))
    return operand.flatMap((item, index) => wrongIn(item, words, `${at}/${index}`));
  const element = typeof words === 'object' && 'each' in words ? words.each : null;
  return element !== null && (operator === '$each' || operator === '$contains')
    ? wrongIn(operand, element, at)
    : [];
}

/** Every key of a type, so that a key added to the contract must be added here. */
type KeysOf<T> = Record<keyof T, Words>;

const failure: KeysOf<NonNullable<ExchangeResult['error']>> = { code: 'any', message: 'any' };

const exchange: KeysOf<ExchangeResult> = {
  status: 'any',
  headers: 'any',
  trailers: 'any',
  informational: 'any',
  sent_bytes: 'any',
  sent_sha256: 'any',
  body_bytes: 'any',
  body_sha256: 'any',
  complete: 'any',
  error: { fields: failure },
  rst_code: 'any',
  grpc_status: 'any',
  grpc_message: 'any',
  grpc_messages: 'any',
  trailers_only: 'any',
};

const clientError: KeysOf<NonNullable<ClientResult['error']>> = {
  code: 'any',
  message: 'any',
  phase: ['connect', 'proxy_header', 'tls', 'request', 'response', 'close'],
};
const clientTls: KeysOf<NonNullable<ClientResult['tls']>> = {
  version: 'any',
  cipher: 'any',
  alpn: 'any',
  server_cert: 'any',
};
const goaway: KeysOf<NonNullable<ClientResult['close']['goaway']>> = {
  code: 'any',
  last_stream_id: 'any',
  debug: 'any',
};
const clientClose: KeysOf<ClientResult['close']> = {
  by: ['self', 'peer'],
  peer_end: ['fin', 'rst'],
  goaway: { fields: goaway },
};
const clientResult: KeysOf<ClientResult> = {
  outcome: ['ok', 'error', 'timeout'],
  error: { fields: clientError },
  exchanges: { each: { fields: exchange } },
  tls: { fields: clientTls },
  close: { fields: clientClose },
  sockets: 'any',
  received_hex: 'any',
  received_bytes: 'any',
  notes: 'any',
  duration_ms: 'any',
};
const result: Words = { fields: clientResult };

type Kind = ServerObservation['observation'];
type Observed<K extends Kind> = Extract<ServerObservation, { observation: K }>;

const seen = { observation: 'any', endpoint: 'any', conn: 'any', remote: 'any', ts: 'any' } as const;
const observations: { [K in Kind]: Record<keyof Observed<K>, Words> } = {
  open: { ...seen, local: 'any', spared: 'any' },
  proxy: {
    ...seen,
    version: ['none', 'v1', 'v2', 'invalid'],
    command: ['PROXY', 'LOCAL'],
    src: 'any',
    dst: 'any',
    tlvs: 'any',
    raw_hex: 'any',
    error: 'any',
  },
  tls: {
    ...seen,
    outcome: ['ok', 'fail'],
    version: 'any',
    cipher: 'any',
    alpn: 'any',
    sni: 'any',
    resumed: 'any',
    client_cert: 'any',
    authorized: 'any',
    error: 'any',
  },
  request: {
    ...seen,
    protocol: ['h1', 'h2', 'grpc'],
    method: 'any',
    path: 'any',
    authority: 'any',
    headers: 'any',
    trailers: 'any',
    stream_id: 'any',
    body_bytes: 'any',
    body_sha256: 'any',
    complete: 'any',
    grpc_messages: 'any',
  },
  response: { ...seen, status: 'any', stream_id: 'any', body_bytes: 'any', body_sha256: 'any' },
  fault: { ...seen, fault: 'any', detail: 'any' },
  peer: {
    ...seen,
    said: ['alert', 'goaway', 'rst_stream'],
    code: 'any',
    name: 'any',
    stream_id: 'any',
    debug: 'any',
  },
  close: {
    ...seen,
    peer_end: ['fin', 'rst'],
    by: ['self', 'peer'],
    fin_sent: 'any',
    bytes_in: 'any',
    bytes_out: 'any',
  },
};
