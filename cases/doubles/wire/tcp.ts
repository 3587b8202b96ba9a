/** Doubles that do something to the PROXY header or to the end of a TCP stream. */
import type { WireDouble } from '../double.ts';

export const tcpWire: WireDouble[] = [
  {
    name: 'proxy-header-dropped',
    lie: 'relays without the PROXY header and records it as forwarded',
    standsFor: 'a proxy that reads PROXY headers and sends none',
    proxyHeader: () => Buffer.alloc(0),
  },
  {
    name: 'tlvs-dropped',
    lie: 'passes a PROXY v2 header on without its TLVs',
    standsFor: 'sslh #182: v2 is passed on, its TLVs are not',
    proxyHeader: withoutTlvs,
  },
  {
    name: 'fin-for-rst',
    lie: "passes the upstream's RST on as a FIN",
    standsFor: 'wiretracer 1.50: the client of a reset upstream sees a plain end of file',
    unseen: 'a connection that is refused before a byte: both ends mean the same to its client',
    finForRst: 'client',
  },
  {
    name: 'fin-for-client-rst',
    lie: "passes the client's RST on as a FIN",
    standsFor: 'wiretracer 1.50: neg_client_rst reaches the upstream as a plain end',
    finForRst: 'upstream',
  },
];

/** Bytes of the addresses by address family (PROXY protocol 2.2). */
const addressBytes: Record<number, number> = { 0: 0, 1: 12, 2: 36, 3: 216 };

function withoutTlvs(header: Buffer): Buffer {
  if (header[0] !== 0x0d) return header;
  const length = addressBytes[header[13]! >> 4] ?? 0;
  if (header.readUInt16BE(14) <= length) return header;
  const cut = Buffer.from(header.subarray(0, 16 + length));
  cut.writeUInt16BE(length, 14);
  return cut;
}
