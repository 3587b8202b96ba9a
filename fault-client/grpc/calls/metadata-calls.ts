import { exchangeAll, expectEqual, expectStatus, type GrpcCall, type Outcome } from './call-context.ts';
import { largeRequest, testService } from './unary-calls.ts';

const specialMessage = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';
const initialKey = 'x-grpc-test-echo-initial';
const trailingKey = 'x-grpc-test-echo-trailing-bin';
const initialValue = 'test_initial_metadata_value';
/** 0xababab. */
const trailingValue = 'q6ur';

export const customMetadata: GrpcCall = async (context) => {
  const metadata: [string, string][] = [
    [initialKey, initialValue],
    [trailingKey, trailingValue],
  ];
  const message = largeRequest(context) as { response_size: number; payload: object };
  expectEcho(await exchangeAll(context, `${testService}/UnaryCall`, [{ message }], { metadata }));
  const streamed = { response_parameters: [{ size: message.response_size }], payload: message.payload };
  expectEcho(
    await exchangeAll(context, `${testService}/FullDuplexCall`, [{ message: streamed }], { metadata }),
  );
};

export const statusCodeAndMessage: GrpcCall = async (context) => {
  const response_status = { code: 2, message: 'test status message' };
  for (const name of ['UnaryCall', 'FullDuplexCall']) {
    const outcome = await exchangeAll(context, `${testService}/${name}`, [{ message: { response_status } }]);
    expectStatus(outcome, 2, response_status.message);
  }
};

export const specialStatusMessage: GrpcCall = async (context) => {
  const response_status = { code: 2, message: specialMessage };
  const outcome = await exchangeAll(context, `${testService}/UnaryCall`, [{ message: { response_status } }]);
  expectStatus(outcome, 2, specialMessage);
};

export const unimplementedMethod: GrpcCall = async (context) => {
  expectStatus(await exchangeAll(context, `${testService}/UnimplementedCall`, [{ message: {} }]), 12);
};

export const unimplementedService: GrpcCall = async (context) => {
  const name = 'grpc.testing.UnimplementedService/UnimplementedCall';
  expectStatus(await exchangeAll(context, name, [{ message: {} }]), 12);
};

function expectEcho(outcome: Outcome): void {
  expectStatus(outcome, 0);
  expectEqual(initialKey, fieldValue(outcome.initialMetadata, initialKey), initialValue);
  // Padding of base64 is the sender's choice (PROTOCOL-HTTP2.md, Binary-Header).
  const trailing = fieldValue(outcome.status.trailers, trailingKey)?.replace(/=+$/, '');
  expectEqual(trailingKey, trailing, trailingValue);
}

function fieldValue(fields: [string, string][], name: string): string | undefined {
  return fields.find(([key]) => key === name)?.[1];
}
