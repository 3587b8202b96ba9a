/** Calls of helloworld.Greeter with grpc-js, the real client. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type ChannelCredentials,
  type ClientUnaryCall,
  credentials,
  loadPackageDefinition,
  type ServiceClientConstructor,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Lab } from './lab.ts';

export const helloProto = fileURLToPath(new URL('../../protos/helloworld.proto', import.meta.url));

type Package = { helloworld: { Greeter: ServiceClientConstructor } };

export type GrpcOutcome = { code: string; details: string };

export const grpcTls = (lab: Lab): ChannelCredentials =>
  credentials.createSsl(readFileSync(`${lab.certs}/ca.crt`));

export function openGreeter(port: number, secure: ChannelCredentials) {
  const { helloworld } = loadPackageDefinition(loadSync(helloProto)) as unknown as Package;
  return new helloworld.Greeter(`localhost:${port}`, secure, {
    'grpc.enable_retries': 0,
    // Another address of the name would be another connection with the same end.
    'grpc.default_authority': 'localhost',
  });
}

/** One SayHello; `OK` or the name of its status. */
export function sayHello(
  client: InstanceType<ServiceClientConstructor>,
  deadlineMs: number,
  name = 'story',
): Promise<GrpcOutcome> {
  return new Promise((resolve) => {
    const done = (error: ServiceError | null) =>
      resolve({ code: status[error?.code ?? 0]!, details: error?.details ?? '' });
    (client.SayHello as (...of: unknown[]) => ClientUnaryCall)(
      { name },
      { deadline: Date.now() + deadlineMs },
      done,
    );
  });
}

/** One call on a channel of its own. */
export async function greetOnce(lab: Lab, port: number, deadlineMs: number): Promise<GrpcOutcome> {
  const client = openGreeter(port, grpcTls(lab));
  const outcome = await sayHello(client, deadlineMs);
  client.close();
  return outcome;
}
