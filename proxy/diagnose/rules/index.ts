import { allowlistDenied } from './allowlist-denied.ts';
import { applicationRefusesCredentials } from './application-refuses-credentials.ts';
import { balancerHidesClients } from './balancer-hides-clients.ts';
import { clientAlpnMismatch } from './client-alpn-mismatch.ts';
import { clientCancelled } from './client-cancelled.ts';
import { clientCertBadSignature } from './client-cert-bad-signature.ts';
import { clientCertExpired } from './client-cert-expired.ts';
import { clientCertMissing } from './client-cert-missing.ts';
import { clientCertNotYetValid } from './client-cert-not-yet-valid.ts';
import { clientCertRefused } from './client-cert-refused.ts';
import { clientCertRevoked } from './client-cert-revoked.ts';
import { clientCertUnknownCa } from './client-cert-unknown-ca.ts';
import { clientCertWrongPurpose } from './client-cert-wrong-purpose.ts';
import { clientCipherMismatch } from './client-cipher-mismatch.ts';
import { clientHandshakeUnfinished } from './client-handshake-unfinished.ts';
import { clientLeft } from './client-left.ts';
import { clientRefusesName } from './client-refuses-name.ts';
import { clientRejectsCertificate } from './client-rejects-certificate.ts';
import { clientTlsAlert } from './client-tls-alert.ts';
import { clientTlsBroken } from './client-tls-broken.ts';
import { clientTlsVersion } from './client-tls-version.ts';
import { connectionLimit } from './connection-limit.ts';
import { deadline } from './deadline.ts';
import { failuresConcentrated } from './failures-concentrated.ts';
import { flowControlStall } from './flow-control-stall.ts';
import { goaway } from './goaway.ts';
import { grpcErrorStatus } from './grpc-error-status.ts';
import { grpcStatusMissing } from './grpc-status-missing.ts';
import { grpcUnimplemented } from './grpc-unimplemented.ts';
import { h2PrefaceToHttp1 } from './h2-preface-to-http1.ts';
import { httpServerError } from './http-server-error.ts';
import { http1Breach } from './http1-breach.ts';
import { http1ToH2 } from './http1-to-h2.ts';
import { http2Breach } from './http2-breach.ts';
import { keepAliveNotLatency } from './keep-alive-not-latency.ts';
import { otherFailure } from './other-failure.ts';
import { plaintextToTls } from './plaintext-to-tls.ts';
import { proxyHeaderMalformed } from './proxy-header-malformed.ts';
import { proxyHeaderMissing } from './proxy-header-missing.ts';
import { proxyHeaderNotUnderstood } from './proxy-header-not-understood.ts';
import { proxyHeaderUntrusted } from './proxy-header-untrusted.ts';
import { recordsLost } from './records-lost.ts';
import { redisForbids } from './redis-forbids.ts';
import { redisRefusesCredentials } from './redis-refuses-credentials.ts';
import { redisUnwell } from './redis-unwell.ts';
import { retryStorm } from './retry-storm.ts';
import type { Rule } from './rule.ts';
import { streamReset } from './stream-reset.ts';
import { timeoutStorm } from './timeout-storm.ts';
import { tlsRecordCorrupted } from './tls-record-corrupted.ts';
import { upstreamAlpnMismatch } from './upstream-alpn-mismatch.ts';
import { upstreamCertExpired } from './upstream-cert-expired.ts';
import { upstreamCertNotYetValid } from './upstream-cert-not-yet-valid.ts';
import { upstreamCertRefused } from './upstream-cert-refused.ts';
import { upstreamCertRevoked } from './upstream-cert-revoked.ts';
import { upstreamCertUnknownCa } from './upstream-cert-unknown-ca.ts';
import { upstreamCertWrongName } from './upstream-cert-wrong-name.ts';
import { upstreamCertWrongPurpose } from './upstream-cert-wrong-purpose.ts';
import { upstreamCipherMismatch } from './upstream-cipher-mismatch.ts';
import { upstreamCut } from './upstream-cut.ts';
import { upstreamExpectsTls } from './upstream-expects-tls.ts';
import { upstreamRejectsClientCert } from './upstream-rejects-client-cert.ts';
import { upstreamRequiresProxyHeader } from './upstream-requires-proxy-header.ts';
import { upstreamSpeaksPlaintext } from './upstream-speaks-plaintext.ts';
import { upstreamTlsAlert } from './upstream-tls-alert.ts';
import { upstreamTlsBroken } from './upstream-tls-broken.ts';
import { upstreamTlsVersion } from './upstream-tls-version.ts';
import { upstreamUnreachable } from './upstream-unreachable.ts';
import { upstreamWantsClientCert } from './upstream-wants-client-cert.ts';
import { wireAnomalies } from './wire-anomalies.ts';

/**
 * All rules, in the order in which they are asked: what is proved before what is guessed, and `other-failure` last, so that
 * nothing that failed goes unnamed. The ids are a contract.
 */
export const rules: readonly Rule[] = [
  proxyHeaderMissing,
  proxyHeaderMalformed,
  proxyHeaderUntrusted,
  allowlistDenied,
  connectionLimit,
  upstreamUnreachable,
  upstreamSpeaksPlaintext,
  upstreamAlpnMismatch,
  upstreamTlsVersion,
  upstreamCertExpired,
  upstreamCertNotYetValid,
  upstreamCertUnknownCa,
  upstreamCertWrongName,
  upstreamCertWrongPurpose,
  upstreamCertRevoked,
  upstreamCertRefused,
  upstreamWantsClientCert,
  upstreamRejectsClientCert,
  upstreamCipherMismatch,
  tlsRecordCorrupted,
  plaintextToTls,
  clientAlpnMismatch,
  clientTlsVersion,
  clientCipherMismatch,
  clientCertMissing,
  clientCertExpired,
  clientCertNotYetValid,
  clientCertUnknownCa,
  clientCertWrongPurpose,
  clientCertBadSignature,
  clientCertRevoked,
  clientCertRefused,
  clientRejectsCertificate,
  clientTlsAlert,
  h2PrefaceToHttp1,
  http1ToH2,
  upstreamExpectsTls,
  grpcStatusMissing,
  grpcUnimplemented,
  flowControlStall,
  deadline,
  upstreamTlsAlert,
  upstreamTlsBroken,
  clientHandshakeUnfinished,
  clientTlsBroken,
  goaway,
  streamReset,
  redisRefusesCredentials,
  redisForbids,
  redisUnwell,
  applicationRefusesCredentials,
  grpcErrorStatus,
  httpServerError,
  http2Breach,
  http1Breach,
  upstreamCut,
  clientLeft,
  proxyHeaderNotUnderstood,
  upstreamRequiresProxyHeader,
  clientRefusesName,
  balancerHidesClients,
  failuresConcentrated,
  retryStorm,
  timeoutStorm,
  recordsLost,
  clientCancelled,
  keepAliveNotLatency,
  wireAnomalies,
  otherFailure,
];
