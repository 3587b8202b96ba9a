import { nearest } from '../../protos/text/nearest.ts';
import { shapingFaults } from '../shaping/faults.ts';
import { tlsForgeFaults } from '../tls-forge/faults.ts';
import type { Fault } from './fault.ts';
import { grpcBadFlag } from './grpc/grpc-bad-flag.ts';
import { grpcCompressedNoEncoding } from './grpc/grpc-compressed-no-encoding.ts';
import { grpcContentType } from './grpc/grpc-content-type.ts';
import { grpcDataFramePadding } from './grpc/grpc-data-frame-padding.ts';
import { grpcDetailsBin } from './grpc/grpc-details-bin.ts';
import { grpcEarlyTrailers } from './grpc/grpc-early-trailers.ts';
import { grpcGoaway } from './grpc/grpc-goaway.ts';
import { grpcGoawayRefuse } from './grpc/grpc-goaway-refuse.ts';
import { grpcGzipBomb } from './grpc/grpc-gzip-bomb.ts';
import { grpcGzipCorrupt } from './grpc/grpc-gzip-corrupt.ts';
import { grpcHang } from './grpc/grpc-hang.ts';
import { grpcHeadersThenHang } from './grpc/grpc-headers-then-hang.ts';
import { grpcHtml200 } from './grpc/grpc-html-200.ts';
import { grpcHttpStatus } from './grpc/grpc-http-status.ts';
import { grpcHugeMessage } from './grpc/grpc-huge-message.ts';
import { grpcMaxAge } from './grpc/grpc-max-age.ts';
import { grpcMaxStreams } from './grpc/grpc-max-streams.ts';
import { grpcMessageBadPercent } from './grpc/grpc-message-bad-percent.ts';
import { grpcMessageCount } from './grpc/grpc-message-count.ts';
import { grpcMetadata } from './grpc/grpc-metadata.ts';
import { grpcMissingStatus } from './grpc/grpc-missing-status.ts';
import { grpcNoDfPadding } from './grpc/grpc-no-df-padding.ts';
import { grpcNoTrailers } from './grpc/grpc-no-trailers.ts';
import { grpcPing } from './grpc/grpc-ping.ts';
import { grpcRetry } from './grpc/grpc-retry.ts';
import { grpcRst } from './grpc/grpc-rst.ts';
import { grpcRstAfterData } from './grpc/grpc-rst-after-data.ts';
import { grpcRstAfterHeader } from './grpc/grpc-rst-after-header.ts';
import { grpcRstDuringData } from './grpc/grpc-rst-during-data.ts';
import { grpcStatus } from './grpc/grpc-status.ts';
import { grpcStatusInvalid } from './grpc/grpc-status-invalid.ts';
import { grpcStreamCut } from './grpc/grpc-stream-cut.ts';
import { grpcTooManyPings } from './grpc/grpc-too-many-pings.ts';
import { grpcTrailersOnly } from './grpc/grpc-trailers-only.ts';
import { grpcTruncatedMessage } from './grpc/grpc-truncated-message.ts';
import { grpcTruncatedPrefix } from './grpc/grpc-truncated-prefix.ts';
import { h1100103 } from './h1/h1-100-103.ts';
import { h1304ContentLength } from './h1/h1-304-content-length.ts';
import { h1BadChunk } from './h1/h1-bad-chunk.ts';
import { h1BadStatus } from './h1/h1-bad-status.ts';
import { h1BodyAfter204 } from './h1/h1-body-after-204.ts';
import { h1BodyAfterLength } from './h1/h1-body-after-length.ts';
import { h1ChunkNoCrlf } from './h1/h1-chunk-no-crlf.ts';
import { h1ClAndTe } from './h1/h1-cl-and-te.ts';
import { h1CloseEarly } from './h1/h1-close-early.ts';
import { h1DupContentLength } from './h1/h1-dup-content-length.ts';
import { h1EarlyAnswer } from './h1/h1-early-answer.ts';
import { h1EofDelimited } from './h1/h1-eof-delimited.ts';
import { h1Expect417 } from './h1/h1-expect-417.ts';
import { h1ExpectSilence } from './h1/h1-expect-silence.ts';
import { h1Garbage } from './h1/h1-garbage.ts';
import { h1H2Frames } from './h1/h1-h2-frames.ts';
import { h1Hang } from './h1/h1-hang.ts';
import { h1HeadWithBody } from './h1/h1-head-with-body.ts';
import { h1HeaderOverflow } from './h1/h1-header-overflow.ts';
import { h1HugeContentLength } from './h1/h1-huge-content-length.ts';
import { h1Idle408 } from './h1/h1-idle-408.ts';
import { h1Many1xx } from './h1/h1-many-1xx.ts';
import { h1Rst } from './h1/h1-rst.ts';
import { h1RstMidBody } from './h1/h1-rst-mid-body.ts';
import { h1Sleep100 } from './h1/h1-sleep-100.ts';
import { h1SleepHeaders } from './h1/h1-sleep-headers.ts';
import { h1SlowBody } from './h1/h1-slow-body.ts';
import { h1SlowClose } from './h1/h1-slow-close.ts';
import { h1TruncateChunked } from './h1/h1-truncate-chunked.ts';
import { h1TruncateCl } from './h1/h1-truncate-cl.ts';
import { h1TruncateHead } from './h1/h1-truncate-head.ts';
import { h1Unsolicited101 } from './h1/h1-unsolicited-101.ts';
import { h1UnsolicitedResponse } from './h1/h1-unsolicited-response.ts';
import { h1WrongEncoding } from './h1/h1-wrong-encoding.ts';
import { h2Srv1xx } from './h2/h2-srv-1xx.ts';
import { h2SrvContinuation } from './h2/h2-srv-continuation.ts';
import { h2SrvContinuationFlood } from './h2/h2-srv-continuation-flood.ts';
import { h2SrvDataBeforeHeaders } from './h2/h2-srv-data-before-headers.ts';
import { h2SrvEmptyDataFlood } from './h2/h2-srv-empty-data-flood.ts';
import { h2SrvEmptyTrailers } from './h2/h2-srv-empty-trailers.ts';
import { h2SrvFinNoGoaway } from './h2/h2-srv-fin-no-goaway.ts';
import { h2SrvFlowOverrun } from './h2/h2-srv-flow-overrun.ts';
import { h2SrvFrameTooBig } from './h2/h2-srv-frame-too-big.ts';
import { h2SrvGoaway } from './h2/h2-srv-goaway.ts';
import { h2SrvGoawayGraceful } from './h2/h2-srv-goaway-graceful.ts';
import { h2SrvH1Response } from './h2/h2-srv-h1-response.ts';
import { h2SrvHpackBomb } from './h2/h2-srv-hpack-bomb.ts';
import { h2SrvHpackError } from './h2/h2-srv-hpack-error.ts';
import { h2SrvIllegalFrame } from './h2/h2-srv-illegal-frame.ts';
import { h2SrvMaxStreams } from './h2/h2-srv-max-streams.ts';
import { h2SrvMissingStatus } from './h2/h2-srv-missing-status.ts';
import { h2SrvNoPingAck } from './h2/h2-srv-no-ping-ack.ts';
import { h2SrvNoSettings } from './h2/h2-srv-no-settings.ts';
import { h2SrvNoSettingsAck } from './h2/h2-srv-no-settings-ack.ts';
import { h2SrvPadding } from './h2/h2-srv-padding.ts';
import { h2SrvPing } from './h2/h2-srv-ping.ts';
import { h2SrvPingFlood } from './h2/h2-srv-ping-flood.ts';
import { h2SrvPush } from './h2/h2-srv-push.ts';
import { h2SrvRst } from './h2/h2-srv-rst.ts';
import { h2SrvSettingsFlap } from './h2/h2-srv-settings-flap.ts';
import { h2SrvSettingsFlood } from './h2/h2-srv-settings-flood.ts';
import { h2SrvTableSize0 } from './h2/h2-srv-table-size-0.ts';
import { h2SrvTcpRst } from './h2/h2-srv-tcp-rst.ts';
import { h2SrvTrailers } from './h2/h2-srv-trailers.ts';
import { h2SrvTrailersNoEs } from './h2/h2-srv-trailers-no-es.ts';
import { h2SrvTrailersOnly200 } from './h2/h2-srv-trailers-only-200.ts';
import { h2SrvTruncateData } from './h2/h2-srv-truncate-data.ts';
import { h2SrvZeroWindow } from './h2/h2-srv-zero-window.ts';
import { tcpAcceptFin } from './tcp/tcp-accept-fin.ts';
import { tcpAcceptRst } from './tcp/tcp-accept-rst.ts';
import { tcpAcceptSilence } from './tcp/tcp-accept-silence.ts';
import { tcpCloseAfterBytes } from './tcp/tcp-close-after-bytes.ts';
import { tcpConnectBlackhole } from './tcp/tcp-connect-blackhole.ts';
import { tcpConnectRefused } from './tcp/tcp-connect-refused.ts';
import { tcpScript } from './tcp/tcp-script.ts';
import { tlsAlert } from './tls/tls-alert.ts';
import { tlsClose } from './tls/tls-close.ts';
import { tlsNoCloseNotify } from './tls/tls-no-close-notify.ts';
import { tlsSpeakPlain } from './tls/tls-speak-plain.ts';
import { tlsStall } from './tls/tls-stall.ts';

/** Every fault, grouped by layer in the order of the stack. A file in a layer's folder must be named here; a test sees to it. */
export const faults: readonly Fault[] = [
  tcpAcceptFin,
  tcpAcceptRst,
  tcpAcceptSilence,
  tcpCloseAfterBytes,
  tcpConnectBlackhole,
  tcpConnectRefused,
  tcpScript,
  ...shapingFaults,
  tlsAlert,
  tlsClose,
  tlsNoCloseNotify,
  tlsSpeakPlain,
  tlsStall,
  ...tlsForgeFaults,
  h1100103,
  h1Many1xx,
  h1BadChunk,
  h1BodyAfter204,
  h1ClAndTe,
  h1CloseEarly,
  h1DupContentLength,
  h1EofDelimited,
  h1Garbage,
  h1Hang,
  h1HeadWithBody,
  h1RstMidBody,
  h1Rst,
  h1SleepHeaders,
  h1TruncateChunked,
  h1TruncateCl,
  h1UnsolicitedResponse,
  h1304ContentLength,
  h1BadStatus,
  h1BodyAfterLength,
  h1ChunkNoCrlf,
  h1EarlyAnswer,
  h1Expect417,
  h1ExpectSilence,
  h1H2Frames,
  h1HeaderOverflow,
  h1HugeContentLength,
  h1Idle408,
  h1Sleep100,
  h1SlowBody,
  h1SlowClose,
  h1TruncateHead,
  h1Unsolicited101,
  h1WrongEncoding,
  h2Srv1xx,
  h2SrvContinuationFlood,
  h2SrvContinuation,
  h2SrvDataBeforeHeaders,
  h2SrvEmptyDataFlood,
  h2SrvEmptyTrailers,
  h2SrvFinNoGoaway,
  h2SrvFlowOverrun,
  h2SrvFrameTooBig,
  h2SrvGoawayGraceful,
  h2SrvGoaway,
  h2SrvH1Response,
  h2SrvHpackBomb,
  h2SrvHpackError,
  h2SrvIllegalFrame,
  h2SrvMaxStreams,
  h2SrvMissingStatus,
  h2SrvNoPingAck,
  h2SrvNoSettingsAck,
  h2SrvNoSettings,
  h2SrvPadding,
  h2SrvPingFlood,
  h2SrvPing,
  h2SrvPush,
  h2SrvRst,
  h2SrvSettingsFlap,
  h2SrvSettingsFlood,
  h2SrvTableSize0,
  h2SrvTcpRst,
  h2SrvTrailersNoEs,
  h2SrvTrailersOnly200,
  h2SrvTrailers,
  h2SrvTruncateData,
  h2SrvZeroWindow,
  grpcDataFramePadding,
  grpcGoaway,
  grpcHang,
  grpcHeadersThenHang,
  grpcHttpStatus,
  grpcMaxStreams,
  grpcMissingStatus,
  grpcNoDfPadding,
  grpcNoTrailers,
  grpcPing,
  grpcRstAfterData,
  grpcRstAfterHeader,
  grpcRstDuringData,
  grpcStatus,
  grpcTrailersOnly,
  grpcTruncatedMessage,
  grpcBadFlag,
  grpcCompressedNoEncoding,
  grpcContentType,
  grpcDetailsBin,
  grpcEarlyTrailers,
  grpcGoawayRefuse,
  grpcGzipBomb,
  grpcGzipCorrupt,
  grpcHtml200,
  grpcHugeMessage,
  grpcMaxAge,
  grpcMessageBadPercent,
  grpcMessageCount,
  grpcMetadata,
  grpcRetry,
  grpcRst,
  grpcStatusInvalid,
  grpcStreamCut,
  grpcTooManyPings,
  grpcTruncatedPrefix,
];

/** Throws with the name that is nearest when there is no such fault. */
export function findFault(id: string): Fault {
  const found = faults.find((fault) => fault.id === id);
  if (found) return found;
  const near = nearest(
    id,
    faults.map((fault) => fault.id),
  );
  const hint = near === null ? '' : `did you mean "${near}"? `;
  throw new Error(`unknown fault "${id}": ${hint}fault-server --list shows all of them`);
}
