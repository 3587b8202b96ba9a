/** What a peer says with an HTTP/2 error code (RFC 9113 section 7) and what to look at. */
export const h2Codes: Readonly<Record<string, { says: string; next: string }>> = {
  NO_ERROR: {
    says: 'it ends without a fault: a restart, a limit on the age or the requests of a connection, or an answer cut short',
    next: 'a client should send the request again on a new connection; see whether the server restarts or limits connections (nginx keepalive_requests, gRPC MAX_CONNECTION_AGE)',
  },
  PROTOCOL_ERROR: {
    says: 'it found a breach of HTTP/2 that no other code names',
    next: 'look for the DECODE_ERROR record of this connection, or for a hop between that rewrites HTTP/2',
  },
  INTERNAL_ERROR: {
    says: 'it failed itself while it worked on the request',
    next: 'read the log of that side at this time: the reason is in its own code',
  },
  FLOW_CONTROL_ERROR: {
    says: 'it was sent more than its flow-control window allowed',
    next: 'the sender counts its windows wrong: update its HTTP/2 library',
  },
  SETTINGS_TIMEOUT: {
    says: 'its SETTINGS were not acknowledged in time',
    next: 'the other side is stuck or overloaded, or does not speak HTTP/2 to the end',
  },
  STREAM_CLOSED: {
    says: 'it got a frame on a stream that was over',
    next: 'the two sides disagree about what has ended: look for resets that crossed, then for a defect of the sender',
  },
  FRAME_SIZE_ERROR: {
    says: 'it got a frame of a size it cannot be: most often bytes that are no HTTP/2',
    next: 'see whether the sender speaks HTTP/2 on this port at all; 4740180 as a length is the text "HTT" of an HTTP/1 answer',
  },
  REFUSED_STREAM: {
    says: 'it did not begin to work on the request: too many at once, or it is shutting down',
    next: 'the request may be sent again safely; raise MAX_CONCURRENT_STREAMS or spread the load over more connections',
  },
  CANCEL: {
    says: 'it no longer wants the answer',
    next: 'on the side of a client: its own deadline or a user; on the side of a server: see its log, proxies cancel when their own upstream fails',
  },
  COMPRESSION_ERROR: {
    says: 'it could not decode the compressed headers',
    next: 'something between changed or dropped header bytes, or an HPACK library is defective',
  },
  CONNECT_ERROR: {
    says: 'the connection behind a CONNECT was reset',
    next: 'look at the target of the tunnel',
  },
  ENHANCE_YOUR_CALM: {
    says: 'the other side asks too much of it: too many pings, resets, or header bytes',
    next: 'gRPC: make keepalive pings rarer than the server allows (GRPC_ARG_KEEPALIVE_TIME_MS, server: PERMIT_KEEPALIVE_TIME); else look for a flood of resets',
  },
  INADEQUATE_SECURITY: {
    says: 'the TLS of this connection is too weak for HTTP/2',
    next: 'use TLS 1.2 with an ECDHE and AEAD cipher, or TLS 1.3 (RFC 9113 section 9.2)',
  },
  HTTP_1_1_REQUIRED: {
    says: 'it wants HTTP/1.1 for this',
    next: 'lead these requests over HTTP/1.1, or switch HTTP/2 on where it ends',
  },
};

const unknown = { says: 'a code that RFC 9113 does not know', next: 'read the log of the side that sent it' };

export function wordsOf(code: string): { says: string; next: string } {
  return Object.hasOwn(h2Codes, code) ? h2Codes[code]! : unknown;
}

/** `ENHANCE_YOUR_CALM` as a variant: `enhance-your-calm`; a code that has no name is `unknown`. */
export function variantOf(code: string): string {
  return Object.hasOwn(h2Codes, code) ? code.toLowerCase().replaceAll('_', '-') : 'unknown';
}
