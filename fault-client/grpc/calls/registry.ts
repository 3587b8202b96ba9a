import type { GrpcCall } from './call-context.ts';
import {
  clientCompressedStreaming,
  clientCompressedUnary,
  serverCompressedStreaming,
  serverCompressedUnary,
} from './compression-calls.ts';
import {
  customMetadata,
  specialStatusMessage,
  statusCodeAndMessage,
  unimplementedMethod,
  unimplementedService,
} from './metadata-calls.ts';
import { goaway, maxStreams } from './negative-calls.ts';
import {
  cancelAfterBegin,
  cancelAfterFirstResponse,
  clientStreaming,
  emptyStream,
  pingPong,
  serverStreaming,
  timeoutOnSleepingServer,
} from './streaming-calls.ts';
import { emptyUnary, largeUnary, sayHello, status } from './unary-calls.ts';

/** Every call by the name a spec uses; the interop names are those of the gRPC project. */
export const grpcCalls: Readonly<Record<string, GrpcCall>> = {
  say_hello: sayHello,
  status,
  empty_unary: emptyUnary,
  large_unary: largeUnary,
  client_streaming: clientStreaming,
  server_streaming: serverStreaming,
  ping_pong: pingPong,
  empty_stream: emptyStream,
  client_compressed_unary: clientCompressedUnary,
  server_compressed_unary: serverCompressedUnary,
  client_compressed_streaming: clientCompressedStreaming,
  server_compressed_streaming: serverCompressedStreaming,
  custom_metadata: customMetadata,
  status_code_and_message: statusCodeAndMessage,
  special_status_message: specialStatusMessage,
  unimplemented_method: unimplementedMethod,
  unimplemented_service: unimplementedService,
  cancel_after_begin: cancelAfterBegin,
  cancel_after_first_response: cancelAfterFirstResponse,
  timeout_on_sleeping_server: timeoutOnSleepingServer,
  // The eight HTTP/2 interop cases: what is wrong is on the server's side.
  goaway,
  max_streams: maxStreams,
  rst_after_header: largeUnary,
  rst_during_data: largeUnary,
  rst_after_data: largeUnary,
  ping: largeUnary,
  data_frame_padding: largeUnary,
  no_df_padding_sanity_test: largeUnary,
};
