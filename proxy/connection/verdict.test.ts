import { describe, expect, test } from 'vitest';
import { type FirstEnd, judgeRelay, judgeTimeout, type RelayEnd } from './verdict.ts';

const first: FirstEnd = {
  by: 'client',
  how: 'fin',
  phase: 'idle',
  judged: null,
  proved: null,
  closeNotify: true,
};
const end: RelayEnd = {
  first,
  flags: ['client_fin'],
  openAtEnd: false,
  unserved: false,
  clientGone: false,
  violation: null,
};
const waiting: Partial<FirstEnd> = { phase: 'waiting', judged: { cause: 'client_gone', error: 'x' } };

describe('who, why and in which phase', () => {
  test.each<[string, Partial<FirstEnd>, Partial<RelayEnd>, string]>([
    ['client FIN, all done', {}, {}, 'client client_fin graceful --'],
    [
      'upstream FIN, all done, then the client resets',
      { by: 'upstream' },
      { flags: ['upstream_fin', 'client_rst'] },
      'upstream upstream_fin reset_after_done --',
    ],
    ['client RST, all done', { how: 'rst' }, {}, 'client client_rst reset_after_done --'],
    ['client FIN, answer then whole', waiting, {}, 'client client_fin graceful --'],
    ['client FIN, answer never came', waiting, { openAtEnd: true }, 'client client_fin client_gone CH'],
    [
      'client FIN, then gone',
      waiting,
      { openAtEnd: true, clientGone: true },
      'client client_fin client_gone CH',
    ],
    [
      'client FIN in a request',
      { phase: 'request', judged: { cause: 'eof', error: 'x' } },
      { openAtEnd: true },
      'client client_fin eof CR',
    ],
    [
      'client FIN in a request, then gone',
      { phase: 'request', judged: { cause: 'eof', error: 'x' } },
      { openAtEnd: true, clientGone: true },
      'client client_fin eof CR',
    ],
    [
      'upstream FIN that ends one answer and owes the next',
      { by: 'upstream', phase: 'response', judged: { cause: 'eof_before_headers', error: 'x' } },
      { openAtEnd: true },
      'upstream upstream_fin eof_before_headers SH',
    ],
    [
      'upstream RST, all done',
      { by: 'upstream', how: 'rst' },
      {},
      'upstream upstream_rst reset_after_done --',
    ],
    [
      'upstream RST that a request crossed',
      { by: 'upstream', how: 'rst' },
      { openAtEnd: true },
      'upstream upstream_rst reset SH',
    ],
    [
      'upstream RST before it sent a byte',
      { by: 'upstream', how: 'rst' },
      { unserved: true },
      'upstream upstream_rst reset SH',
    ],
    [
      'upstream RST of bytes nobody decodes',
      { by: 'upstream', how: 'rst', judged: { cause: 'reset', error: 'x' } },
      {},
      'upstream upstream_rst reset SD',
    ],
    [
      'upstream RST in a body',
      { by: 'upstream', how: 'rst', phase: 'response', judged: { cause: 'reset', error: 'x' } },
      { openAtEnd: true },
      'upstream upstream_rst reset SD',
    ],
    [
      'upstream FIN in a body',
      { by: 'upstream', phase: 'response', judged: { cause: 'truncated', error: 'x' } },
      { openAtEnd: true },
      'upstream upstream_fin truncated SD',
    ],
    [
      'a body only the end delimits, close_notify missing',
      { by: 'upstream', phase: 'response', closeNotify: false },
      {},
      'upstream upstream_fin tls_truncated SD',
    ],
    [
      'the same, but plaintext or unknown: no accusation',
      { by: 'upstream', phase: 'response', closeNotify: null },
      {},
      'upstream upstream_fin graceful --',
    ],
    [
      'a client certificate refused after the handshake',
      {
        by: 'upstream',
        how: 'alert',
        phase: 'waiting',
        proved: { cause: 'client_cert_rejected', error: 'x' },
      },
      { openAtEnd: true },
      'upstream upstream_protocol_error client_cert_rejected tC',
    ],
    [
      'a breach of HTTP/2 explains the end that followed',
      { by: 'upstream', phase: 'waiting', judged: { cause: 'eof_before_headers', error: 'x' } },
      { openAtEnd: true, violation: { by: 'client', cause: 'h2_protocol_error:PROTOCOL_ERROR', text: 'x' } },
      'upstream upstream_fin h2_protocol_error:PROTOCOL_ERROR CH',
    ],
  ])('%s', (_, firstChange, change, expected) => {
    const verdict = judgeRelay({ ...end, ...change, first: { ...first, ...firstChange } });
    expect(`${verdict.closedBy} ${verdict.closeReason} ${verdict.cause} ${verdict.term}`).toBe(expected);
  });

  test.each([
    ['request', 'http/1.1', null, 'client_read_timeout timeout cR'],
    ['waiting', 'http/1.1', null, 'upstream_read_timeout timeout sH'],
    ['response', 'h2', null, 'upstream_read_timeout timeout sD'],
    // Who gives no window holds the other up, as who takes no bytes does.
    ['response', 'h2', 'client', 'client_read_timeout flow_control_stall cD'],
    ['request', 'h2', 'upstream', 'upstream_read_timeout flow_control_stall sR'],
    ['idle', 'h2', null, 'proxy_idle_timeout idle_timeout P-'],
    ['idle', 'raw', null, 'client_idle_timeout idle_timeout c-'],
  ] as const)('time limit in %s of %s, blocked by %s: %s', (phase, protocol, flowBlockedBy, expected) => {
    const verdict = judgeTimeout({ phase, protocol, flowBlockedBy, limitMs: 5 });
    expect(`${verdict.closeReason} ${verdict.cause} ${verdict.term}`).toBe(expected);
    expect(verdict).toMatchObject({ closedBy: 'proxy', timedOut: true });
  });
});
