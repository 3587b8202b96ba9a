import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  drain,
  exchangeAll,
  expectEqual,
  expectStatus,
  type GrpcCall,
  payloadBytes,
  startCall,
  zeros,
} from './call-context.ts';
import { testService } from './unary-calls.ts';

const requestSizes = [27_182, 8, 1_828, 45_904];
const responseSizes = [31_415, 9, 2_653, 58_979];

export const clientStreaming: GrpcCall = async (context) => {
  const messages = requestSizes.map((size) => ({ message: { payload: zeros(size) } }));
  const outcome = await exchangeAll(context, `${testService}/StreamingInputCall`, messages);
  expectStatus(outcome, 0);
  expectEqual('aggregated_payload_size', outcome.messages[0]?.message.aggregated_payload_size, 74_922);
};

export const serverStreaming: GrpcCall = async (context) => {
  const outcome = await exchangeAll(context, `${testService}/StreamingOutputCall`, [
    { message: { response_parameters: responseSizes.map((size) => ({ size })) } },
  ]);
  expectStatus(outcome, 0);
  expectEqual(
    'sizes in order',
    outcome.messages.map(({ message }) => payloadBytes(message)),
    responseSizes,
  );
};

/** Each request waits for the answer to the one before. */
export const pingPong: GrpcCall = async (context) => {
  await context.channel.ready();
  const call = startCall(context, `${testService}/FullDuplexCall`);
  const sizes: number[] = [];
  for (const [index, size] of responseSizes.entries()) {
    call.send({ response_parameters: [{ size }], payload: zeros(requestSizes[index]!) });
    const answer = await call.next();
    if (!answer) break;
    sizes.push(payloadBytes(answer.message));
  }
  call.end();
  const rest = await drain(call);
  expectStatus(rest, 0);
  expectEqual('sizes in order', sizes, responseSizes);
  expectEqual('messages after the last', rest.messages.length, 0);
};

export const emptyStream: GrpcCall = async (context) => {
  const outcome = await exchangeAll(context, `${testService}/FullDuplexCall`, []);
  expectStatus(outcome, 0);
  expectEqual('messages', outcome.messages.length, 0);
};

export const cancelAfterBegin: GrpcCall = async (context) => {
  await context.channel.ready();
  const call = startCall(context, `${testService}/StreamingInputCall`);
  // In the turn of its start the request has not left yet: grpc-js then sends HEADERS and never their RST_STREAM.
  await nextTurn();
  call.cancel();
  expectStatus(await drain(call), 1);
};

export const cancelAfterFirstResponse: GrpcCall = async (context) => {
  await context.channel.ready();
  const call = startCall(context, `${testService}/FullDuplexCall`);
  call.send({ response_parameters: [{ size: responseSizes[0] }], payload: zeros(requestSizes[0]!) });
  const first = await call.next();
  if (first) call.cancel();
  expectStatus(await drain(call), 1);
};

/** The server gets a request that asks for no answer, and no half-close: only the deadline ends it. */
export const timeoutOnSleepingServer: GrpcCall = async (context) => {
  await context.channel.ready();
  const deadlineMs = context.deadlineMs ?? 1;
  const call = startCall(context, `${testService}/FullDuplexCall`, { deadlineMs });
  call.send({ payload: zeros(27_182) });
  expectStatus(await drain(call), 4);
};
