import { prefixBytes } from '../../../protos/grpc/framing.ts';
import { messageBytes } from '../sizes.ts';
import { connectGrpc, type GrpcClient } from './grpc-client.ts';

const inFlight = 500;
export const warmMessages = 50_000;

/** Messages out and back on one bidirectional stream, each in a DATA frame of its own; the first ones only warm up. */
export function oneStream(port: number, messages: number): Promise<{ seconds: number; messages: number }> {
  return new Promise((resolve, reject) => {
    const size = prefixBytes + messageBytes;
    let client: GrpcClient;
    let streamId = 0;
    let sent = 0;
    let receivedBytes = 0;
    let started = 0;
    const total = warmMessages + messages;
    const fill = () => {
      const received = Math.floor(receivedBytes / size);
      while (sent < total && sent - received < inFlight) {
        client.message(streamId);
        sent++;
      }
      client.flush();
    };
    let scheduled = false;
    connectGrpc(port, {
      onData: (_, bytes) => {
        receivedBytes += bytes;
        if (started === 0 && receivedBytes >= warmMessages * size) started = performance.now();
        if (receivedBytes === total * size) {
          resolve({ seconds: (performance.now() - started) / 1000, messages });
          client.close();
        } else if (!scheduled) {
          scheduled = true;
          setImmediate(() => {
            scheduled = false;
            fill();
          });
        }
      },
      onBroken: (why) => reject(new Error(why)),
    }).then((connected) => {
      client = connected;
      streamId = client.openStream();
      fill();
    }, reject);
  });
}
