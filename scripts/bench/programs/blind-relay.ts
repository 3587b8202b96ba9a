/**
 * The least a TLS relay in Node can do: TLS in, TLS out, bytes across, nothing looked at and nothing written. What this
 * proxy costs above it is what seeing costs. Arguments: certificates, port of the upstream, ALPN protocol.
 */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import tls from 'node:tls';

const [certs, upstreamPort, protocol] = [process.argv[2]!, Number(process.argv[3]), process.argv[4]!];
const server = tls.createServer(
  {
    key: readFileSync(join(certs, 'server.key')),
    cert: readFileSync(join(certs, 'server.crt')),
    ALPNProtocols: [protocol],
  },
  (client) => {
    const upstream = tls.connect({
      host: '127.0.0.1',
      port: upstreamPort,
      servername: 'localhost',
      ALPNProtocols: [protocol],
      rejectUnauthorized: false,
    });
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    // A side that goes away takes the other with it; a relay that judges nothing has nobody to tell.
    pipeline(client, upstream, () => upstream.destroy());
    pipeline(upstream, client, () => client.destroy());
  },
);
server.on('tlsClientError', () => {});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.stdin.on('end', () => process.exit(0)).resume();
