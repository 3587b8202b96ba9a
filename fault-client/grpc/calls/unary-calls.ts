import {
  type CallContext,
  exchangeAll,
  expectEqual,
  expectStatus,
  type GrpcCall,
  numberParam,
  payloadBytes,
  zeros,
} from './call-context.ts';

/** grpc/doc/interop-test-descriptions.md: the sizes of "large". */
export const largeRequestBytes = 271_828;
export const largeResponseBytes = 314_159;

export const testService = 'grpc.testing.TestService';

export const sayHello: GrpcCall = async (context) => {
  const name = String(context.params.name ?? 'wiretracer');
  const outcome = await exchangeAll(context, 'helloworld.Greeter/SayHello', [{ message: { name } }]);
  expectStatus(outcome, 0);
};

/** Ask the server for any status: params `code`, `message`. */
export const status: GrpcCall = async (context) => {
  const code = numberParam(context, 'code', 0);
  const message = String(context.params.message ?? '');
  const outcome = await exchangeAll(context, `${testService}/UnaryCall`, [
    { message: { response_status: { code, message } } },
  ]);
  expectStatus(outcome, code, code === 0 ? undefined : message);
};

export const emptyUnary: GrpcCall = async (context) => {
  const outcome = await exchangeAll(context, `${testService}/EmptyCall`, [{ message: {} }]);
  expectStatus(outcome, 0);
  expectEqual('messages', outcome.messages.length, 1);
};

export const largeUnary: GrpcCall = async (context) => {
  const outcome = await exchangeAll(context, `${testService}/UnaryCall`, [
    { message: largeRequest(context) },
  ]);
  expectStatus(outcome, 0);
  expectEqual(
    'payload bytes',
    payloadBytes(outcome.messages[0]?.message),
    numberParam(context, 'response_bytes', largeResponseBytes),
  );
};

export function largeRequest(context: CallContext): object {
  return {
    response_type: 'COMPRESSABLE',
    response_size: numberParam(context, 'response_bytes', largeResponseBytes),
    payload: zeros(numberParam(context, 'request_bytes', largeRequestBytes)),
  };
}
