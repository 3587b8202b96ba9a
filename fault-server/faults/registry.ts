import { tlsForgeFaults } from '../tls-forge/faults.ts';
import type { Fault } from './fault.ts';
import { grpcDataFramePadding } from './grpc/grpc-data-frame-padding.ts';
import { grpcGoaway } from './grpc/grpc-goaway.ts';
import { grpcHang } from './grpc/grpc-hang.ts';
import { grpcHeadersThenHang } from './grpc/grpc-headers-then-hang.ts';
import { grpcHttpStatus } from './grpc/grpc-http-status.ts';
import { grpcMaxStreams } from './grpc/grpc-max-streams.ts';
import { grpcMissingStatus } from './grpc/grpc-missing-status.ts';
import { grpcNoDfPadding } from './grpc/grpc-no-df-padding.ts';
import { grpcNoTrailers } from './grpc/grpc-no-trailers.ts';
import { grpcPing } from './grpc/grpc-ping.ts';
import { grpcRstAfterData } from './grpc/grpc-rst-after-data.ts';
import { grpcRstAfterHeader } from './grpc/grpc-rst-after-header.ts';
import { grpcRstDuringData } from './grpc/grpc-rst-during-data.ts';
import { grpcStatus } from './grpc/grpc-status.ts';
import { grpcTrailersOnly } from './grpc/grpc-trailers-only.ts';
import { grpcTruncatedMessage } from './grpc/grpc-truncated-message.ts';
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
import { h2SrvFinNoGoaway } from './h2/h2-srv-fin-no-goaway.ts';
import { h2SrvFrameTooBig } from './h2/h2-srv-frame-too-big.ts';
import { h2SrvGoaway } from './h2/h2-srv-goaway.ts';
import { h2SrvGoawayGraceful } from './h2/h2-srv-goaway-graceful.ts';
import { h2SrvH1Response } from './h2/h2-srv-h1-response.ts';
import { h2SrvHpackError } from './h2/h2-srv-hpack-error.ts';
import { h2SrvMaxStreams } from './h2/h2-srv-max-streams.ts';
import { h2SrvNoSettings } from './h2/h2-srv-no-settings.ts';
import { h2SrvPadding } from './h2/h2-srv-padding.ts';
import { h2SrvPing } from './h2/h2-srv-ping.ts';
import { h2SrvPush } from './h2/h2-srv-push.ts';
import { h2SrvRst } from './h2/h2-srv-rst.ts';
import { h2SrvSettingsFlood } from './h2/h2-srv-settings-flood.ts';
import { h2SrvTcpRst } from './h2/h2-srv-tcp-rst.ts';
import { h2SrvTrailersOnly200 } from './h2/h2-srv-trailers-only-200.ts';
import { h2SrvTruncateData } from './h2/h2-srv-truncate-data.ts';
import { h2SrvZeroWindow } from './h2/h2-srv-zero-window.ts';
import { tcpAcceptFin } from './tcp/tcp-accept-fin.ts';
import { tcpAcceptRst } from './tcp/tcp-accept-rst.ts';
import { tcpAcceptSilence } from './tcp/tcp-accept-silence.ts';
import { tcpCloseAfterBytes } from './tcp/tcp-close-after-bytes.ts';
import { tcpConnectBlackhole } from './tcp/tcp-connect-blackhole.ts';
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
  tlsAlert,
  tlsClose,
  tlsNoCloseNotify,
  tlsSpeakPlain,
  tlsStall,
  ...tlsForgeFaults,
  h1100103,
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
  h2SrvContinuation,
  h2SrvFinNoGoaway,
  h2SrvFrameTooBig,
  h2SrvGoawayGraceful,
  h2SrvGoaway,
  h2SrvH1Response,
  h2SrvHpackError,
  h2SrvMaxStreams,
  h2SrvNoSettings,
  h2SrvPadding,
  h2SrvPing,
  h2SrvPush,
  h2SrvRst,
  h2SrvSettingsFlood,
  h2SrvTcpRst,
  h2SrvTrailersOnly200,
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
];

/** Throws with the names that are near when there is no such fault. */
export function findFault(id: string): Fault {
  const found = faults.find((fault) => fault.id === id);
  if (found) return found;
  const near = faults
    .map((fault) => fault.id)
    .filter((known) => id !== '' && (known.includes(id) || sharedWords(known, id) > 1));
  const hint = near.length > 0 ? `did you mean ${near.slice(0, 5).join(', ')}?` : 'see fault-server --list';
  throw new Error(`unknown fault "${id}" (${hint})`);
}

function sharedWords(a: string, b: string): number {
  const words = new Set(a.split('-'));
  return b.split('-').filter((word) => words.has(word)).length;
}
