/** What a field name means to the tap. */
export type FieldName = {
  kind:
    | 'plain'
    | 'pseudo'
    | 'connection'
    | 'te'
    | 'content-length'
    | 'content-type'
    | 'traceparent'
    | 'x-tid'
    | 'grpc-status'
    | 'grpc-message'
    | 'grpc-timeout'
    | 'grpc-encoding';
  oddity: 'uppercase_name' | 'invalid_name' | null;
};

/** Looked at once for each name: they repeat in every block. */
export function classifyName(name: string): FieldName {
  const known = seen.get(name);
  if (known !== undefined) return known;
  const classified = classify(name);
  if (seen.size < maxSeen && name.length <= 64) seen.set(name, classified);
  return classified;
}

const seen = new Map<string, FieldName>();
const maxSeen = 2000;

const special = new Set([
  'te',
  'content-length',
  'content-type',
  'traceparent',
  'x-tid',
  'grpc-status',
  'grpc-message',
  'grpc-timeout',
  'grpc-encoding',
]);

// RFC 9113 section 8.2.2.
const connectionSpecific = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

function classify(name: string): FieldName {
  if (name.startsWith(':')) return { kind: 'pseudo', oddity: oddityOf(name.slice(1)) };
  const lower = name.toLowerCase();
  const oddity = oddityOf(name);
  if (connectionSpecific.has(lower)) return { kind: 'connection', oddity };
  return { kind: special.has(lower) ? (lower as FieldName['kind']) : 'plain', oddity };
}

function oddityOf(name: string): FieldName['oddity'] {
  if (/[A-Z]/.test(name)) return 'uppercase_name';
  // A token (RFC 9110 section 5.6.2).
  return /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) ? null : 'invalid_name';
}
