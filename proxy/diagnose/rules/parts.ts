import type { Evidence, NextStep, RuledOut } from '../../../protos/findings/findings.ts';
import type { Connection } from '../facts/connection.ts';
import type { Certificate, Handshake } from '../facts/handshake.ts';
import type { Source } from '../facts/values.ts';

/** A record and the fields of it that matter; those without a value are left out. */
export function fact(source: Source, fields: Record<string, unknown>, says: string): Evidence {
  const told = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return {
    record: source.record,
    line: source.line,
    kind: source.kind,
    fields: Object.fromEntries(told),
    says,
  };
}

export function ruledOut(what: string, says: string, source: Source | null = null): RuledOut {
  return { what, says, record: source?.record ?? null, line: source?.line ?? null };
}

export function step(
  what: string,
  more: { config?: string | undefined; command?: string | undefined } = {},
): NextStep {
  return { do: what, config: more.config ?? null, command: more.command ?? null };
}

/** What the close record says, for evidence. */
export function closeFact(connection: Connection, says: string): Evidence[] {
  const { close } = connection;
  if (close === null) return [];
  const { closedBy, cause, term, error, bytesIn, bytesOut, durationMs } = close;
  return [
    fact(
      close,
      {
        closed_by: closedBy,
        cause,
        close_reason: cause === null ? close.reason : null,
        term,
        error,
        bytes_in: bytesIn,
        bytes_out: bytesOut,
        duration_ms: durationMs,
      },
      says,
    ),
  ];
}

export function handshakeFact(handshake: Handshake, says: string): Evidence {
  const { side, ok, late, cause, reason, detail, alert, certificate } = handshake;
  return fact(
    handshake,
    {
      side,
      outcome: ok ? 'ok' : 'fail',
      late: late ? true : null,
      cause: cause ?? null,
      reason: cause === null && !ok ? reason : null,
      detail,
      alert: alert === null ? null : `${alert.name} (${alert.number}, ${alert.direction})`,
      'tls.version': handshake.version,
      'tls.alpn': handshake.alpn,
      sni: handshake.sni,
      'upstream.server_name': handshake.serverName,
      'upstream.mtls': side === 'out' ? handshake.mtls : null,
      'peer_cert.subject': certificate?.subject,
      'peer_cert.issuer': certificate?.issuer,
      'peer_cert.san': certificate?.san,
      'peer_cert.not_after': certificate?.notAfter,
    },
    says,
  );
}

/** Explanations that the good end of an earlier phase rules out, each by its record. */
export function soundBefore(
  connection: Connection,
  ...phases: ('tls-in' | 'upstream' | 'tls-out')[]
): RuledOut[] {
  const found: RuledOut[] = [];
  const { tlsIn, tlsOut, close } = connection;
  if (phases.includes('tls-in') && tlsIn?.ok) {
    found.push(
      ruledOut(
        'TLS with the client',
        `it succeeded (${[tlsIn.version, tlsIn.alpn].filter(Boolean).join(', ')})`,
        tlsIn,
      ),
    );
  }
  if (phases.includes('upstream') && (close?.upstreamLocal ?? null) !== null) {
    found.push(
      ruledOut(
        'the network to the upstream',
        `the proxy was connected to ${connection.upstream} from ${close!.upstreamLocal}`,
        close,
      ),
    );
  }
  if (phases.includes('tls-out') && tlsOut?.ok) {
    found.push(
      ruledOut(
        'TLS with the upstream',
        `it succeeded (${[tlsOut.version, tlsOut.alpn].filter(Boolean).join(', ')})`,
        tlsOut,
      ),
    );
  }
  return found;
}

/** `localhost, *.example.org` out of OpenSSL's `DNS:localhost, DNS:*.example.org`; the subject where there are no names. */
export function namesOf(certificate: Certificate | null): string {
  if (certificate === null) return 'none that could be read';
  const san = certificate.san?.replaceAll(/\b(?:DNS|IP Address|URI):/g, '');
  return san === undefined || san === '' ? certificate.subject : san;
}

/** The distinguished name on one line. */
export function oneLine(name: string): string {
  return name.replaceAll(/\s*\n\s*/g, ', ');
}
