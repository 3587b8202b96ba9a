import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';

export const tcpCloseAfterBytes = fault({
  id: 'tcp-close-after-bytes',
  layer: 'tcp',
  summary: 'Reads a number of bytes after the PROXY header and ends the connection.',
  peerMustSee: 'The connection ended, by FIN or RST, after it sent that many bytes.',
  spec: 'RFC 9293 3.6',
  stage: 'bytes',
  params: Type.Object(
    {
      n: Type.Integer({ default: 1, minimum: 1, description: 'bytes to read first' }),
      how: Type.Enum(['fin', 'rst'], { default: 'fin', description: 'how it ends' }),
    },
    { additionalProperties: false },
  ),
  run(connection, params) {
    let bytes = 0;
    connection.raw.on('data', (chunk: Buffer) => {
      if (bytes >= params.n) return;
      bytes += chunk.length;
      if (bytes < params.n) return;
      connection.fault('tcp-close-after-bytes', `${params.how} after ${bytes} bytes`);
      if (params.how === 'rst') connection.reset();
      else connection.end();
    });
    connection.raw.once('end', () => connection.end());
  },
});
