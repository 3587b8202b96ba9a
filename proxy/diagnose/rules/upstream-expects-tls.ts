import { nginxComplaint } from '../facts/nginx-pages.ts';
import { closeFact, fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const upstreamExpectsTls: Rule = {
  id: 'upstream-expects-tls',
  certainty: 'proof',
  looksFor: 'plaintext sent to an upstream that expects TLS on that port',
  evidence:
    'no `tls` `out` record, and an event with the anomaly `tls_answer` (an alert came back) or the 400 page nginx has for it',
  cause: 'The listener has no `upstream.tls`, and the port of the upstream is a TLS port.',
  advice: 'set `upstream.tls: true`',
  variants: { alert: 'the upstream answers with a TLS alert', http: 'nginx answers 400 in plaintext' },
  lookAlikes: {
    'upstream-speaks-plaintext': 'the reverse',
    'plaintext-to-tls': 'there it is the client that speaks plaintext to the proxy',
    'http1-to-h2': 'there the answer is HTTP/2',
  },
  exchange(group, connection) {
    const { tlsOut, upstream, control } = connection;
    const alert = group.anomalies.includes('tls_answer') || control.frames.some(isTlsAlert);
    if (tlsOut !== null || (!alert && nginxComplaint(group) !== 'plain-http-to-https')) return null;
    return {
      variant: alert ? 'alert' : 'http',
      title: `plaintext is sent to ${upstream}, which expects TLS on this port`,
      key: upstream,
      evidence: [
        fact(
          group,
          {
            protocol: group.protocol,
            'response.status': group.status,
            anomalies: group.anomalies,
            bytes_out: group.bytesOut,
            'response.headers.server': group.server,
            'response.content_length': group.contentLength,
          },
          alert
            ? 'the answer is a TLS record'
            : 'the page nginx sends for "The plain HTTP request was sent to HTTPS port"',
        ),
        ...closeFact(connection, 'how it ended'),
      ],
      ruledOut: [
        ...soundBefore(connection, 'tls-in', 'upstream'),
        ruledOut('certificates', 'there is no tls out record: the proxy spoke plaintext', connection.close),
      ],
      next: [
        step('Speak TLS to it', {
          config: `upstream: { addr: "${upstream}", tls: true, server_name: …, ca: … }`,
        }),
        step('See what it is', { command: `openssl s_client -connect ${upstream} </dev/null` }),
      ],
    };
  },
};

/** What the HTTP/2 tap took for a frame header: type 21, version 3. */
function isTlsAlert(frame: { from: string; event: string; text: string | null }): boolean {
  return (
    frame.from === 'upstream' &&
    frame.event === 'DECODE_ERROR' &&
    /first bytes are "\\x15\\x03/.test(frame.text ?? '')
  );
}
