/** Doubles that do something to the bytes of HTTP/1.1. */
import type { Rewrite, WireDouble } from '../double.ts';

export const h1Wire: WireDouble[] = [
  {
    name: 'host-rewritten',
    lie: 'asks the upstream for another Host than the client did',
    standsFor: 'wiretracer 1.50: Host is always rewritten to server_name and port',
    unseen: 'a request that no server accepted',
    rewrite: (side) =>
      side === 'upstream'
        ? rewriteHead(/^[A-Z]+ /, (head) =>
            head.replace(/^(host:[ \t]*)[^\r\n]*/im, '$1upstream.internal:443'),
          )
        : null,
  },
  {
    name: 'duplicates-collapsed',
    lie: 'passes only the last of the request fields with one name on',
    standsFor: 'wiretracer 1.50: X-A: 1, X-A: 2 arrive as X-A: 2',
    rewrite: (side) => (side === 'upstream' ? rewriteHead(/^[A-Z]+ /, lastOfEachName) : null),
  },
  {
    name: 'informational-dropped',
    lie: 'passes no 1xx answer on, and records it',
    standsFor: 'wiretracer 1.50: no 1xx, so Expect waits for ever',
    rewrite: (side) =>
      side === 'client'
        ? rewriteHead(
            /^HTTP\/1\.1 10[03] /,
            () => '',
            () => true,
          )
        : null,
  },
  {
    name: 'names-recased',
    lie: 'passes the field names of an answer on in lower case',
    standsFor: 'Envoy by default; a client that looks for `Content-MD5` finds nothing',
    unseen: 'an answer of which no field is on record, or whose client is a fault that tells no fields',
    rewrite: (side) =>
      side === 'client'
        ? rewriteHead(/^HTTP\/1\.1 /, (head) => head.replace(/^([!-9;-~]+):/gm, (name) => name.toLowerCase()))
        : null,
  },
  {
    name: 'byte-flipped',
    lie: 'changes one bit of a large body',
    standsFor: 'wiretracer 1.50: data is lost on the way and the record says it arrived',
    rewrite: () => flipBit(20_000),
  },
  {
    name: 'local-reply-unsent',
    lie: 'sends nothing where it says that it answered itself',
    standsFor: 'wiretracer 1.50: a failed upstream is a bare end of file to the client',
    rewrite: (side) => (side === 'client' ? dropLocalReply() : null),
  },
];

/** Rewrites the head that a write begins with, where it is of the given kind; `again` takes up what follows a head that was rewritten. */
function rewriteHead(
  kind: RegExp,
  change: (head: string) => string,
  again: (head: string) => boolean = () => false,
): Rewrite {
  const write = (bytes: Buffer): Buffer => {
    const text = bytes.toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end === -1 || !kind.test(text) || text.startsWith('PRI * ')) return bytes;
    const head = text.slice(0, end + 4);
    const rest = bytes.subarray(head.length);
    return Buffer.concat([Buffer.from(change(head), 'latin1'), again(head) ? write(rest) : rest]);
  };
  return unheld(write);
}

function lastOfEachName(head: string): string {
  const lines = head.split('\r\n');
  const nameOf = (line: string) => line.slice(0, line.indexOf(':')).toLowerCase();
  return lines
    .filter(
      (line, index) =>
        index === 0 ||
        !line.includes(':') ||
        !lines.slice(index + 1).some((other) => other.includes(':') && nameOf(other) === nameOf(line)),
    )
    .join('\r\n');
}

/** In the stream towards a side, so far behind its beginning that no head is hit. */
function flipBit(offset: number): Rewrite {
  let passed = 0;
  let isHttp1: boolean | null = null;
  return unheld((bytes) => {
    isHttp1 ??= /^(HTTP\/1\.1|[A-Z]+ \/)/.test(bytes.subarray(0, 16).toString('latin1'));
    const at = offset - passed;
    passed += bytes.length;
    if (!isHttp1 || at < 0 || at >= bytes.length) return bytes;
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    return changed;
  });
}

/** The proxy names itself in the answers it makes (RFC 9209). */
function dropLocalReply(): Rewrite {
  return unheld((bytes) =>
    /^HTTP\/1\.1 50[234] .*\r\nproxy-status:/is.test(bytes.toString('latin1')) ? Buffer.alloc(0) : bytes,
  );
}

/** A rewrite that holds nothing back. */
function unheld(change: (bytes: Buffer) => Buffer): Rewrite {
  let touched = false;
  return {
    write: (bytes) => {
      const changed = change(bytes);
      touched ||= !changed.equals(bytes);
      return changed;
    },
    end: () => Buffer.alloc(0),
    touched: () => touched,
  };
}
