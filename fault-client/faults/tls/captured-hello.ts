import { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { ClientSpec } from '../../../protos/control/fault-client.ts';
import { tlsOptions } from '../../connect/tls-options.ts';
import type { Run } from '../../run/run.ts';

/** The ClientHello that Node's TLS would send for this spec, as records. Nothing is sent. */
export function capturedHello(client: ClientSpec, run: Run): Promise<Buffer> {
  return new Promise((resolve) => {
    const trap = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        resolve(chunk);
        done();
      },
    });
    run.own(trap);
    const socket = tls.connect({
      ...tlsOptions(client.tls ?? {}, client.proto, run.certificates),
      socket: trap,
    });
    socket.on('error', () => {});
    run.own(socket);
  });
}
