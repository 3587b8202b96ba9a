import { Type } from '../../../protos/schema/type.ts';
import { grpcFields, grpcReply, grpcTrailers, headersInFrames } from '../../raw-h2/grpc-answer.ts';
import { h2Fault } from '../../raw-h2/h2-fault.ts';

export const grpcMetadata = h2Fault({
  id: 'grpc-metadata',
  layer: 'grpc',
  summary: 'Sends metadata of a chosen size: in the header fields, the trailers, or a Trailers-Only answer.',
  peerMustSee: 'The call as it would be, or RESOURCE_EXHAUSTED where a limit (8 KiB is usual) is passed.',
  spec: 'RFC 9113 10.5.1',
  params: Type.Object(
    {
      bytes: Type.Integer({
        default: 9000,
        minimum: 0,
        maximum: 1_000_000,
        description: 'length of the value: 9000, 20000, 70000',
      }),
      where: Type.Enum(['headers', 'trailers', 'trailers_only'], {
        default: 'trailers',
        description: 'which header block',
      }),
    },
    { additionalProperties: false },
  ),
  answer: (answer, params) => {
    const { peer, request } = answer;
    const large: [string, string][] = [['x-large', 'x'.repeat(params.bytes)]];
    answer.fired(`${params.bytes} bytes of metadata in ${params.where}`);
    if (params.where === 'trailers_only')
      return headersInFrames(answer, [...grpcFields(), ...grpcTrailers(8), ...large], true);
    headersInFrames(answer, [...grpcFields(), ...(params.where === 'headers' ? large : [])], false);
    peer.data(request.id, grpcReply(request), {}, () =>
      headersInFrames(answer, [...grpcTrailers(0), ...(params.where === 'trailers' ? large : [])], true),
    );
  },
});
