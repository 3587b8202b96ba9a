/** A TCP relay in front of an upstream that cuts a PROXY header off whatever starts with one. */
import net from 'node:net';

export type HeaderStripper = {
  address: string;
  /** The address the upstream saw for a connection the relay accepted from `peer`. */
  seenFor: (peer: string) => string | undefined;
};

export async function startHeaderStripper(upstream: { host: string; port: number }): Promise<HeaderStripper> {
  const seen = new Map<string, string>();
  const server = net.createServer({ allowHalfOpen: true }, (inner) => {
    const outer = net.connect({ ...upstream, allowHalfOpen: true });
    const peer = `${inner.remoteAddress}:${inner.remotePort}`;
    outer.once('connect', () => seen.set(peer, `${outer.localAddress}:${outer.localPort}`));
    let head: Buffer | null = Buffer.alloc(0);
    inner.on('data', (chunk) => {
      if (head === null) {
        outer.write(chunk);
        return;
      }
      head = Buffer.concat([head, chunk]);
      const length = headerLength(head);
      if (length === null) return;
      outer.write(head.subarray(length));
      head = null;
    });
    inner.on('end', () => outer.end());
    outer.on('data', (chunk) => inner.write(chunk));
    outer.on('end', () => inner.end());
    inner.on('error', () => outer.resetAndDestroy());
    outer.on('error', () => inner.resetAndDestroy());
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  return { address: `127.0.0.1:${port}`, seenFor: (peer) => seen.get(peer) };
}

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

/** Bytes of the PROXY header at the start, 0 for none, null while it cannot be told. */
function headerLength(bytes: Buffer): number | null {
  if (bytes.subarray(0, 12).equals(signature.subarray(0, bytes.length))) {
    if (bytes.length < 16) return null;
    const length = 16 + bytes.readUInt16BE(14);
    return bytes.length < length ? null : length;
  }
  if (bytes.subarray(0, 6).toString('latin1') !== 'PROXY '.slice(0, bytes.length)) return 0;
  const end = bytes.indexOf('\r\n');
  return end === -1 ? null : end + 2;
}
