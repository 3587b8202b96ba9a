import { expectEqual, type GrpcCall, numberParam } from './call-context.ts';
import { largeUnary } from './unary-calls.ts';

/** grpc/doc/http2-interop-test-descriptions.md: two calls, the server's GOAWAY between them; the second connects anew. */
export const goaway: GrpcCall = async (context) => {
  await largeUnary(context);
  const came = await context.channel.goaway(numberParam(context, 'goaway_wait_ms', 2_000));
  expectEqual('a GOAWAY after the first call', came, true);
  await largeUnary(context);
};

/** After one call, which brings the server's SETTINGS, `n` at once: all must succeed whatever the limit is. */
export const maxStreams: GrpcCall = async (context) => {
  await largeUnary(context);
  const calls = Array.from({ length: numberParam(context, 'n', 10) }, () => largeUnary(context));
  const failed = (await Promise.allSettled(calls)).find((call) => call.status === 'rejected');
  if (failed) throw failed.reason;
};
