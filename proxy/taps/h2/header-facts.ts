import type { HpackBlock } from '../../../protos/hpack/decoder.ts';
import { entryOverheadBytes, type Field } from '../../../protos/hpack/dynamic-table.ts';
import type { Anomaly } from './anomalies.ts';
import { classifyName } from './field-names.ts';
import { limits } from './limits.ts';
import { tidOf, traceIdOf } from './request-target.ts';

/** What one header list says, read once; shared by equal blocks, never changed. */
export type HeaderFacts = {
  fields: Field[];
  listBytes: number;
  anomalies: readonly Anomaly[];
  method: string | null;
  scheme: string | null;
  authority: string | null;
  path: string | null;
  protocol: string | null;
  status: number | null;
  contentLength: number | null;
  contentType: string | null;
  tid: string | null;
  traceId: string | null;
  grpcStatus: string | null;
  grpcMessage: string | null;
  grpcTimeout: string | null;
  grpcEncoding: string | null;
};

export type BlockRole = 'request' | 'response' | 'trailers';

export function readHeaders(block: HpackBlock, role: BlockRole): HeaderFacts {
  const facts = emptyFacts(block);
  const odd = new Set<Anomaly>();
  let regularSeen = false;
  let pseudoSeen = '';
  for (const [name, value] of block.fields) {
    const known = classifyName(name);
    if (known.oddity !== null) odd.add(known.oddity);
    if (invalidValue.test(value)) odd.add('invalid_value');
    if (known.kind === 'pseudo') {
      if (regularSeen) odd.add('pseudo_after_regular');
      if (role === 'trailers') odd.add('pseudo_in_trailers');
      else if (!(name in pseudoKeys[role])) odd.add('unknown_pseudo');
      else if (pseudoSeen.includes(`${name} `)) odd.add('duplicate_pseudo');
      else readPseudo(facts, name, value, odd);
      if (name in allPseudo) pseudoSeen += `${name} `;
    } else {
      regularSeen = true;
      if (known.kind !== 'plain') readRegular(facts, known.kind, value, odd);
    }
  }
  if (block.overflowed) odd.add('headers_cut');
  if (block.error !== null) odd.add('hpack_error');
  else if (!block.overflowed) addMissing(facts, role, odd);
  if (facts.path !== null) facts.tid = tidOf(facts.path) ?? facts.tid;
  facts.anomalies = [...odd];
  return facts;
}

/** The facts without the field list, and without any text where the list is long. */
export function withoutText(facts: HeaderFacts): HeaderFacts {
  if (facts.listBytes <= 1024) return { ...facts, fields: [] };
  const { listBytes, anomalies, status, contentLength } = facts;
  return { ...emptyFacts({ fields: [], listBytes }), anomalies, status, contentLength };
}

/** Its first fields, as many as make a short list. */
export function shortened(block: HpackBlock): HpackBlock {
  let bytes = 0;
  const end = block.fields.findIndex(([name, value]) => {
    bytes += name.length + value.length + entryOverheadBytes;
    return bytes > limits.shortListBytes;
  });
  return end === -1 ? block : { ...block, fields: block.fields.slice(0, end), overflowed: true };
}

// RFC 9113 section 8.2.1.
const invalidValue = /[\0\r\n]|^[ \t]|[ \t]$/;

const requestPseudo = {
  ':method': 'method',
  ':scheme': 'scheme',
  ':authority': 'authority',
  ':path': 'path',
  // RFC 8441
  ':protocol': 'protocol',
} as const;
const allPseudo: Readonly<Record<string, string>> = { ...requestPseudo, ':status': 'status' };
const pseudoKeys: Readonly<Record<'request' | 'response', Readonly<Record<string, string>>>> = {
  request: requestPseudo,
  response: { ':status': 'status' },
};

function emptyFacts(block: Pick<HpackBlock, 'fields' | 'listBytes'>): HeaderFacts {
  return {
    fields: block.fields,
    listBytes: block.listBytes,
    anomalies: [],
    method: null,
    scheme: null,
    authority: null,
    path: null,
    protocol: null,
    status: null,
    contentLength: null,
    contentType: null,
    tid: null,
    traceId: null,
    grpcStatus: null,
    grpcMessage: null,
    grpcTimeout: null,
    grpcEncoding: null,
  };
}

function readPseudo(facts: HeaderFacts, name: string, value: string, odd: Set<Anomaly>): void {
  if (name === ':status') {
    if (/^[1-9]\d\d$/.test(value)) facts.status = Number(value);
    else odd.add('bad_status');
    // RFC 9113 section 8.6.
    if (value === '101') odd.add('bad_status');
    return;
  }
  facts[requestPseudo[name as keyof typeof requestPseudo]] = value;
}

function readRegular(facts: HeaderFacts, kind: string, value: string, odd: Set<Anomaly>): void {
  switch (kind) {
    case 'connection':
      odd.add('connection_header');
      break;
    case 'te':
      if (value !== 'trailers') odd.add('te_not_trailers');
      break;
    case 'content-length': {
      const length = /^\d{1,15}$/.test(value) ? Number(value) : null;
      if (length === null || (facts.contentLength !== null && facts.contentLength !== length)) {
        odd.add('bad_content_length');
      } else facts.contentLength = length;
      break;
    }
    case 'content-type':
      facts.contentType ??= value;
      break;
    case 'traceparent':
      facts.traceId ??= traceIdOf(value);
      break;
    case 'x-tid':
      facts.tid ??= value;
      break;
    case 'grpc-status':
      facts.grpcStatus ??= value;
      break;
    case 'grpc-message':
      facts.grpcMessage ??= value;
      break;
    case 'grpc-timeout':
      facts.grpcTimeout ??= value;
      break;
    case 'grpc-encoding':
      facts.grpcEncoding ??= value;
      break;
  }
}

function addMissing(facts: HeaderFacts, role: BlockRole, odd: Set<Anomaly>): void {
  if (role === 'response') {
    if (facts.status === null && !odd.has('bad_status')) odd.add('missing_status');
  } else if (role === 'request') {
    if (facts.method === null) odd.add('missing_method');
    // CONNECT has neither, unless it is extended (RFC 9113 section 8.5, RFC 8441 section 4).
    if (facts.method === 'CONNECT' && facts.protocol === null) return;
    if (facts.scheme === null) odd.add('missing_scheme');
    if (facts.path === null) odd.add('missing_path');
    else if (facts.path === '') odd.add('empty_path');
  }
}
