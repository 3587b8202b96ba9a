import { v1MaxBytes, v1Prefix, v2HeaderBytes, v2Signature } from '../../protos/proxy-protocol/constants.ts';
import type { ParsedHeader, ProxyHeader } from './header.ts';
import { parseV1 } from './v1.ts';
import { parseV2, v2FixedFault } from './v2.ts';

export type { ProxyHeader } from './header.ts';

export type ProxyFaultCause =
  | 'proxy_bad_v1'
  | 'proxy_bad_v2'
  | 'proxy_truncated'
  | 'proxy_missing'
  | 'proxy_empty';

export type DecoderResult =
  | { state: 'more' }
  /** Mode auto: the first bytes cannot be a header; `rest` is everything that came. */
  | { state: 'none'; rest: Buffer }
  | { state: 'header'; header: ProxyHeader; rest: Buffer }
  | { state: 'invalid'; cause: ProxyFaultCause; error: string };

export type ProxyHeaderDecoder = {
  /** Take the next bytes of the connection. After a result other than `more` nothing may be pushed. */
  push(chunk: Buffer): DecoderResult;
  /** The peer closed or reset before a result. */
  end(): DecoderResult;
};

/** HAProxy and go-proxyproto cap a header likewise; the largest real ones carry a client certificate of some 2 KiB. */
const V2_MAX_PAYLOAD_BYTES = 4096;

/** `PROXY` or the first bytes of the v2 signature: nothing else begins so. Fewer are not yet a header in mode auto. */
const UNMISTAKABLE_BYTES = 5;

const more: DecoderResult = { state: 'more' };

/**
 * Decode the PROXY header at the start of a connection (HAProxy's proxy-protocol.txt). It decides at the first byte that
 * allows a decision; the time limit is the caller's.
 */
export function createProxyHeaderDecoder(mode: 'auto' | 'required'): ProxyHeaderDecoder {
  let pending: Buffer = Buffer.alloc(0);

  const notAHeader = (): DecoderResult =>
    mode === 'auto'
      ? { state: 'none', rest: pending }
      : { state: 'invalid', cause: 'proxy_missing', error: `the first bytes are ${preview(pending)}` };

  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      if (pending.length === 0) return more;
      if (begins(pending, v1Prefix)) return decodeV1(pending);
      if (begins(pending, v2Signature)) return decodeV2(pending);
      return notAHeader();
    },
    end() {
      if (pending.length >= (mode === 'auto' ? UNMISTAKABLE_BYTES : 1)) {
        const error = `the peer closed after ${pending.length} bytes of the header: ${preview(pending)}`;
        return invalid('proxy_truncated', error);
      }
      if (mode === 'auto') return { state: 'none', rest: pending };
      return invalid('proxy_empty', 'the peer closed without sending a byte');
    },
  };
}

function decodeV1(pending: Buffer): DecoderResult {
  const window = pending.subarray(0, v1MaxBytes);
  if (window.length > v1Prefix.length && window[v1Prefix.length] !== 0x20) {
    return invalid('proxy_bad_v1', 'no space after PROXY');
  }
  const lineEnd = window.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  if (lineEnd < 0) {
    return window.length < v1MaxBytes ? more : invalid('proxy_bad_v1', `no CRLF in ${v1MaxBytes} bytes`);
  }
  if (window[lineEnd] === 0x0a) return invalid('proxy_bad_v1', 'a LF without CR');
  if (lineEnd + 1 === v1MaxBytes) return invalid('proxy_bad_v1', `no CRLF in ${v1MaxBytes} bytes`);
  if (lineEnd + 1 === window.length) return more;
  if (window[lineEnd + 1] !== 0x0a) return invalid('proxy_bad_v1', 'a CR without LF');
  return finish(parseV1(Buffer.from(pending.subarray(0, lineEnd + 2))), pending, 'proxy_bad_v1');
}

function decodeV2(pending: Buffer): DecoderResult {
  const fault = v2FixedFault(pending, V2_MAX_PAYLOAD_BYTES);
  if (fault !== null) return invalid('proxy_bad_v2', fault);
  if (pending.length < v2HeaderBytes) return more;
  const length = v2HeaderBytes + pending.readUInt16BE(14);
  if (pending.length < length) return more;
  return finish(parseV2(Buffer.from(pending.subarray(0, length))), pending, 'proxy_bad_v2');
}

function finish(parsed: ParsedHeader, pending: Buffer, cause: ProxyFaultCause): DecoderResult {
  if (parsed.header === null) return invalid(cause, parsed.error);
  return { state: 'header', header: parsed.header, rest: pending.subarray(parsed.header.raw.length) };
}

function invalid(cause: ProxyFaultCause, error: string): DecoderResult {
  return { state: 'invalid', cause, error };
}

/** Whether `bytes` is the start of `wanted` or starts with it. */
function begins(bytes: Buffer, wanted: Buffer): boolean {
  const length = Math.min(bytes.length, wanted.length);
  return bytes.compare(wanted, 0, length, 0, length) === 0;
}

function preview(bytes: Buffer): string {
  return JSON.stringify(bytes.toString('latin1', 0, 32));
}
