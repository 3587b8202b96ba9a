import {
  type CallContext,
  exchangeAll,
  expectEqual,
  expectStatus,
  type GrpcCall,
  type Outcome,
  payloadBytes,
  zeros,
} from './call-context.ts';
import { largeRequest, largeResponseBytes, testService } from './unary-calls.ts';

/** First a probe that says it is compressed and is not: a server that sees compression must refuse it. */
export const clientCompressedUnary: GrpcCall = async (context) => {
  const send = (expected: boolean, compress: boolean): Promise<Outcome> =>
    exchangeAll(
      context,
      `${testService}/UnaryCall`,
      [{ message: { ...largeRequest(context), expect_compressed: { value: expected } }, compress }],
      { gzip: true },
    );
  expectStatus(await send(true, false), 3);
  for (const compress of [true, false]) {
    const outcome = await send(compress, compress);
    expectStatus(outcome, 0);
    expectEqual('payload bytes', payloadBytes(outcome.messages[0]?.message), largeResponseBytes);
  }
};

export const clientCompressedStreaming: GrpcCall = async (context) => {
  const part = (
    size: number,
    expected: boolean,
    compress: boolean,
  ): { message: object; compress: boolean } => ({
    message: { payload: zeros(size), expect_compressed: { value: expected } },
    compress,
  });
  const name = `${testService}/StreamingInputCall`;
  expectStatus(await exchangeAll(context, name, [part(27_182, true, false)], { gzip: true }), 3);
  const parts = [part(27_182, true, true), part(45_904, false, false)];
  const outcome = await exchangeAll(context, name, parts, { gzip: true });
  expectStatus(outcome, 0);
  expectEqual('aggregated_payload_size', outcome.messages[0]?.message.aggregated_payload_size, 73_086);
};

export const serverCompressedUnary: GrpcCall = async (context) => {
  for (const value of [true, false]) {
    const message = { ...largeRequest(context), response_compressed: { value } };
    const outcome = await exchangeAll(context, `${testService}/UnaryCall`, [{ message }]);
    expectStatus(outcome, 0);
    expectEqual('payload bytes', payloadBytes(outcome.messages[0]?.message), largeResponseBytes);
    expectCompression(context, outcome, [value]);
  }
};

export const serverCompressedStreaming: GrpcCall = async (context) => {
  const sizes = [31_415, 92_653];
  const response_parameters = sizes.map((size, index) => ({ size, compressed: { value: index === 0 } }));
  const outcome = await exchangeAll(context, `${testService}/StreamingOutputCall`, [
    { message: { response_parameters } },
  ]);
  expectStatus(outcome, 0);
  expectEqual(
    'sizes in order',
    outcome.messages.map(({ message }) => payloadBytes(message)),
    sizes,
  );
  expectCompression(context, outcome, [true, false]);
};

function expectCompression(context: CallContext, outcome: Outcome, expected: boolean[]): void {
  if (!context.channel.seesCompression) {
    context.note('this mode does not show whether a message was compressed; only sizes were checked');
    return;
  }
  expectEqual(
    'compressed flags',
    outcome.messages.map(({ compressed }) => compressed),
    expected,
  );
}
