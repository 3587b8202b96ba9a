import { connectGrpc, type GrpcClient } from './grpc-client.ts';

const connections = 4;
const inFlightEach = 20;

/** Unary calls as fast as they are answered. */
export function flood(port: number, calls: number): Promise<{ seconds: number }> {
  return new Promise((resolve, reject) => {
    const clients: GrpcClient[] = [];
    let left = calls;
    let answered = 0;
    const started = performance.now();
    for (let n = 0; n < connections; n++) {
      connectGrpc(port, {
        onEnd: () => {
          const client = clients[n]!;
          if (++answered === calls) {
            for (const each of clients) each?.close();
            resolve({ seconds: (performance.now() - started) / 1000 });
          } else if (left-- > 0) {
            client.call();
            // What one piece answered goes out as one piece.
            setImmediate(client.flush);
          }
        },
        onBroken: (why) => reject(new Error(why)),
      }).then((client) => {
        clients[n] = client;
        for (let k = 0; k < inFlightEach && left-- > 0; k++) client.call();
        client.flush();
      }, reject);
    }
  });
}
