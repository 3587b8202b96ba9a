import type { Connection } from '../facts/connection.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
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
  variants: { alert: 'the upstream answers with a TLS alert', http: 'nginx or Go answers 400 in plaintext' },
  lookAlikes: {
    'upstream-speaks-plaintext': 'the reverse',
    'plaintext-to-tls': 'there it is the client that speaks plaintext to the proxy',
    'http1-to-h2': 'there the answer is HTTP/2',
  },
  exchange(group, connection) {
    const { tlsOut, upstream } = connection;
    const alert = group.anomalies.includes('tls_answer') || isAlertToH2(group, connection);
    const page = nginxComplaint(group) === 'plain-http-to-https' || isGoPage(group, connection);
    if (tlsOut !== null || (!alert && !page)) return null;
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
          alert ? 'the answer is a TLS record' : 'the page nginx or Go has for plaintext HTTP on a TLS port',
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

/** What Go's net/http writes to such a client: 76 bytes without a field. */
function isGoPage(group: ExchangeGroup, { close }: Connection): boolean {
  if (group.status !== 400) return false;
  if (group.body?.includes('Client sent an HTTP request to an HTTPS server')) return true;
  return group.server === null && group.responseType === null && close?.bytesOut === 76;
}

/** An alert is a record of 7 bytes, fewer than a frame of HTTP/2 has; with more behind it the tap tells the bytes themselves. */
function isAlertToH2(group: ExchangeGroup, { close, control }: Connection): boolean {
  if (group.protocol === 'http1') return false;
  const told = control.frames.some(
    (frame) => frame.from === 'upstream' && /^the first bytes are "\\u0015\\u0003/.test(frame.text ?? ''),
  );
  return told || (group.cause === 'eof_before_headers' && close?.bytesOut === 7);
}
