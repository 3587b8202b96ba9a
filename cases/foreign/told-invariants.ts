import { show } from '../json.ts';
import type { CaseInstance } from '../load/catalog.ts';
import type { Evidence } from '../run/evidence.ts';
import { type CaseView, caseView } from '../verify/case-view.ts';
import { invariants } from '../verify/invariants/all.ts';
import type { Mismatch } from '../verify/match.ts';
import { hasFault } from './faulty.ts';
import { fingerprintWords } from './fingerprint-words.ts';
import { headerMaps } from './header-maps.ts';
import { otherwiseFilled } from './lift.ts';
import { recordForm } from './record-form.ts';

/** How far an invariant can be judged on records of 1.50. */
export type Told = {
  /**
   * Places (as in a mismatch, without the record's number) that rest on nothing a 1.50 record lacks. What an invariant finds
   * elsewhere is no finding: it was led there by a field that was never written.
   */
  judged: RegExp | null;
  /** Of those the ones that only hold where neither end has a fault: what a fault did to the wire is in no 1.50 record. */
  plain?: RegExp;
  /** Compares a connection with what the server saw of it, so that it waits for that pair to be known. */
  server?: true;
  /** What is not judged, and why, for the report. */
  not: string | null;
};

export const told150: Record<string, Told> = {
  schema: { judged: null, not: null },
  lifecycle: {
    judged: /^(connections|\S+: conn (open|close|wait)|.*: (place|id))$/,
    not: 'the numbering of lines; whether a connection closed before it was opened needs its cause',
  },
  addresses: {
    judged: /: (listener|upstream address|upstream_addr|client_ip:client_port)$/,
    not: "peer_ip and upstream_local: a record names neither the peer behind a PROXY header nor the proxy's own port",
  },
  'proxy-header': {
    judged: /: (proxy_version|proxy_src|proxy_dst)$|^server proxy observation/,
    server: true,
    not: 'TLVs and the command of a PROXY header',
  },
  tls: {
    judged:
      /: tls (in|out)$|: (tls\.\w+|reason|category|detail|upstream\.\w+|fingerprints\.(sni_ch|alpn_ch|ech_present|esni_legacy_present|ja3))$/,
    server: true,
    not: 'alerts, certificates, resumption, late alerts, the length of a handshake',
  },
  timing: { judged: /: (ts|ts_start|ts_end|duration_ms)$/, not: 'how long a TLS handshake took' },
  requests: {
    judged: /: events$|: request\.(stream_id|method|path|authority|grpc_service|grpc_method)$/,
    server: true,
    not: 'repeated fields and trailers of a request apart from its headers, gRPC messages, trace_id',
  },
  responses: {
    judged: /: events$|: response\.status$/,
    not: "an error of an exchange its client got whole, which may be the proxy's own answer or a cut TLS stream; trailers apart from headers, informational responses, gRPC status and messages, reset codes",
  },
  bodies: {
    judged: /^event[^:]*: (bytes_in|bytes_out|\w+\.body_b64|\w+\.body_truncated)$/,
    server: true,
    not: 'bytes of a connection, counts of gRPC messages',
  },
  ending: {
    judged: /: closed_by$/,
    server: true,
    not: 'how each side ended its TCP stream: client_end, upstream_end',
  },
  words: {
    judged: /^conn[^:]*: (closed_by|close_reason|path|tid|flags)$/,
    not: 'cause, term and error of a connection, cause and reset code of an exchange',
  },
  flags: {
    judged: /^tls[^:]*: (tls\.\w+|reason|detail|category)$|^event[^:]*: (flags|\w+\.body_truncated)$/,
    not: 'flags of a connection against its ends, which 1.50 does not write; gRPC deadlines',
  },
  asked: {
    judged: /: request\.(method|path|authority|body_b64)$/,
    not: 'repeated fields and trailers of a request',
  },
  answers: { judged: /: (response\.status|bytes_out|response\.body_b64)$/, server: true, not: null },
  carried: { judged: null, not: 'bytes of a connection' },
  ends: { judged: null, not: 'how each side ended its TCP stream: client_end, upstream_end' },
  'h2-control': {
    judged: /: h2ctl( SETTINGS_ACK.*| GOAWAY from downstream)?$|^h2ctl[^:]*: (h2_event|stream_id)$/,
    plain: /: h2ctl( SETTINGS_ACK.*)?$|: (h2_event|stream_id)$/,
    server: true,
    not: 'whether frames belong to the agreed protocol, breaches of RFC 9113, a GOAWAY as it reached the client',
  },
  'h2-settings': {
    judged: /^h2ctl FINGERPRINT \w+$|: details\.(profile|h2fp|changed \w+ old)$/,
    not: "acknowledged settings: 1.50 tells the proxy's own; Akamai's fingerprint",
  },
  'h2-frames': {
    judged: /: h2ctl SETTINGS(_ACK)? from \w+$|^h2ctl[^:]*: details$/,
    not: 'the last stream of a GOAWAY, since 1.50 has no event of a stream that was cut off',
  },
  'h2-ends': {
    judged:
      /: details(\.(last_stream_id|error_code|debug_data_b64))?$|: h2ctl RST_STREAM from downstream$|: (error|stream_id)$/,
    server: true,
    not: null,
  },
  'h2-preface': {
    judged: /: h2ctl SETTINGS(_ACK)? from \w+$|: details\.changed$/,
    not: 'whether a client that left in peace had acknowledged',
  },
  'local-replies': { judged: null, not: 'whether the proxy answered by itself, which local_reply tells' },
  'h1-sizes': { judged: null, not: 'the length of a head, of which a map loses repeated fields' },
  phases: { judged: null, not: 'causes and terms against how far an exchange had come' },
  redis: { judged: null, not: 'commands of Redis, which 1.50 does not read' },
  'twice-told': {
    judged: /^event[^:]*: (bytes_in|bytes_out|flags)$/,
    not: 'gRPC words, categories against causes, refusals against causes',
  },
};

const usual: Told = { judged: null, not: 'it rests on fields 1.50 does not write' };

/** What every case must keep, as far as records of 1.50 tell it. */
export function toldFindings(
  instance: CaseInstance,
  evidence: Evidence,
  trace?: (line: string) => void,
): { name: string; mismatches: Mismatch[] }[] {
  const view = caseView(instance, evidence);
  const other = caseView(instance, otherwiseFilled(evidence));
  const pairsKnown = evidence.connections.length === view.connections.filter(({ server }) => server).length;
  const faulty = hasFault(view);
  const report = (name: string, applies: boolean, mismatches: Mismatch[]) => {
    const verdict = mismatches.length === 0 ? 'holds' : `${mismatches.length} broken`;
    trace?.(`invariant.${name}: ${applies ? verdict : 'not judged'}`);
    return { name, mismatches };
  };
  const own = ownChecks.map(({ name, server, check }) => {
    const applies = pairsKnown || !server;
    return report(name, applies, applies ? findings(check, view) : []);
  });
  const shared = invariants.map(({ name, check }) => {
    const { judged, plain, server } = told150[name] ?? usual;
    if (judged === null || (server && !pairsKnown)) return report(name, false, []);
    const isJudged = (path: string) =>
      judged.test(path) &&
      !(faulty && plain?.test(path)) &&
      !(instance.resetsAtOnce === true && vanishing.test(path));
    const found = findings(check, view).filter(
      ({ path }) => path === '' || isJudged(path.replace(/ seq \d+(?=: )/, '')),
    );
    const again = new Set(found.length > 0 ? findings(check, other).map(textOf) : []);
    return report(
      name,
      true,
      found.filter((mismatch) => again.has(textOf(mismatch))),
    );
  });
  return [...own, ...shared];
}

/** Rules of records of 1.50 alone. */
const ownChecks: { name: string; server?: true; check: (view: CaseView) => Mismatch[] }[] = [
  { name: 'schema', check: recordForm },
  { name: 'headers', server: true, check: headerMaps },
  { name: 'fingerprints', check: fingerprintWords },
];

function textOf({ path, expected, seen }: Mismatch): string {
  return `${path}\n${expected}\n${show(seen)}`;
}

/** Of a client that resets at once nobody may be left to ask for its address. */
const vanishing = /: client_ip:client_port$/;

/** Records may hold anything: what a rule cannot read is a finding, not the end of the run. */
function findings(check: (view: CaseView) => Mismatch[], view: CaseView): Mismatch[] {
  try {
    return check(view);
  } catch (error) {
    return [{ path: '', expected: 'records that can be judged', seen: String(error) }];
  }
}

/** What of the invariants records of 1.50 leave unjudged, for the report. */
export function unjudgedInvariants(): { invariant: string; what: string }[] {
  return invariants.flatMap(({ name }) => {
    const { not } = told150[name] ?? usual;
    return not === null ? [] : [{ invariant: name, what: not }];
  });
}
