import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

/** One method as both modes need it. */
export type Method = {
  path: string;
  clientStreams: boolean;
  serverStreams: boolean;
  encode(message: object): Buffer;
  decode(bytes: Uint8Array): Message;
};

/** Field names as in the .proto files; bytes are Buffers, absent messages null. */
export type Message = Record<string, unknown>;

/** `helloworld.Greeter/SayHello` or `grpc.testing.TestService/EmptyCall`. */
export function method(fullName: string): Method {
  const [serviceName = '', name = ''] = fullName.split('/');
  const declared = root().lookupService(serviceName).methods[name];
  if (!declared) throw new Error(`${fullName} is not in the .proto files`);
  const scope = root().lookupService(serviceName);
  const request = scope.lookupType(declared.requestType);
  const response = scope.lookupType(declared.responseType);
  return {
    path: `/${fullName}`,
    clientStreams: declared.requestStream ?? false,
    serverStreams: declared.responseStream ?? false,
    encode: (message) => Buffer.from(request.encode(request.fromObject(message)).finish()),
    decode: (bytes) =>
      response.toObject(response.decode(bytes), { defaults: true, bytes: Buffer }) as Message,
  };
}

let loaded: protobuf.Root | null = null;

function root(): protobuf.Root {
  if (loaded) return loaded;
  const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'protos');
  const fresh = new protobuf.Root();
  fresh.resolvePath = (_origin, target) => (target.startsWith(folder) ? target : join(folder, target));
  loaded = fresh.loadSync([join(folder, 'helloworld.proto'), join(folder, 'grpc/testing/test.proto')], {
    keepCase: true,
  });
  return loaded;
}
