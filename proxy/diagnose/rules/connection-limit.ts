import { closeFact, fact, ruledOut, step } from './parts.ts';
import type { Rule } from './rule.ts';

export const connectionLimit: Rule = {
  id: 'connection-limit',
  certainty: 'proof',
  looksFor: "connections that waited, in vain or not, for one of the listener's slots",
  evidence:
    '`conn` `wait` with the time in `close_reason`; `conn` `close` with cause `connection_limit_reached`, term `PQ`',
  cause: 'More connections are open at once than policy.max_connections allows: new ones wait for a slot.',
  advice: 'raise `policy.max_connections`, or find who keeps connections open',
  variants: { refused: 'no slot came free in time', waited: 'a slot came free, late' },
  lookAlikes: {
    'client-handshake-unfinished': 'there the client is served at once and does not go on',
    deadline: 'there the upstream is slow, here the connection had not begun',
  },
  first(connection) {
    const { close, listener } = connection;
    if (close?.cause !== 'connection_limit_reached') return null;
    return {
      variant: 'refused',
      title: `listener ${listener} is full: clients are turned away after waiting`,
      key: listener,
      evidence: closeFact(connection, 'no slot came free'),
      ruledOut: [ruledOut('the client and the upstream', 'neither had its turn: not a byte was read', close)],
      next: advice(listener),
    };
  },
  also(connection) {
    const { wait, listener } = connection;
    if (wait === null || connection.close?.cause === 'connection_limit_reached') return null;
    return {
      variant: 'waited',
      certainty: 'strong',
      title: `listener ${listener} is full at times: clients wait for a connection slot`,
      key: listener,
      evidence: [
        fact(
          wait,
          { event: 'wait', close_reason: wait.waitedMs === null ? null : `${wait.waitedMs}ms` },
          'accepted by the system, served this much later',
        ),
      ],
      ruledOut: [ruledOut('a slow upstream', 'the time passed before it was dialled', wait)],
      next: advice(listener),
    };
  },
};

function advice(listener: string): ReturnType<typeof step>[] {
  return [
    step('Allow more connections', { config: 'policy: { max_connections: 1000 }' }),
    step('Or find the clients that hold the slots: the longest connections of this listener', {
      command: `wiretracer query FILE --format text 'listener="${listener}" event=close duration_ms>60s'`,
    }),
  ];
}
