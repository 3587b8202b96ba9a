import type { Connection } from '../facts/connection.ts';
import { isBlockedBy } from '../facts/control.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { closeFact, fact, ruledOut, soundBefore, step } from './parts.ts';
import { gaveUpWaiting } from './patience.ts';
import type { Match, Rule } from './rule.ts';

export const flowControlStall: Rule = {
  id: 'flow-control-stall',
  certainty: 'proof',
  looksFor: 'an HTTP/2 transfer that stands still because one side gives no flow-control window',
  evidence:
    'cause `flow_control_stall`; or a request given up for want of time after an `h2ctl` `FLOW_BLOCK` that no WINDOW_UPDATE followed',
  cause:
    'One side announced a window of 0 or does not read what it got: the other may not send (RFC 9113 section 5.2).',
  advice:
    'look at the side that is named: its application does not read, or its library does not update windows',
  variants: {
    'upstream-takes-none': 'the request cannot be sent',
    'client-takes-none': 'the response cannot be sent',
  },
  lookAlikes: {
    deadline: 'there nobody waits for a window: the next step does not come',
    'upstream-cut': 'there the connection ends',
  },
  exchange(group, connection) {
    const side = blockingSide(group, connection);
    return side === null ? null : told(side, connection, group);
  },
};

function blockingSide(group: ExchangeGroup, connection: Connection): 'client' | 'upstream' | null {
  if (group.cause === 'flow_control_stall') return /client/.test(group.error ?? '') ? 'client' : 'upstream';
  if (!gaveUpWaiting(group)) return null;
  const blocked = connection.control.frames.filter(
    (frame) =>
      frame.event === 'FLOW_BLOCK' && frame.streamId !== null && group.streamIds.includes(frame.streamId),
  );
  return blocked.find((frame) => isBlockedBy(connection.control, frame.from))?.from ?? null;
}

function told(side: 'client' | 'upstream', connection: Connection, group: ExchangeGroup): Match {
  const { upstream, listener, clientIp, control } = connection;
  const who = side === 'client' ? `client ${clientIp}` : `upstream ${upstream}`;
  const what = side === 'client' ? 'the response' : 'the request';
  const blocked = control.frames.find((frame) => frame.event === 'FLOW_BLOCK' && frame.from === side);
  const settings = control.frames.find(
    (frame) => frame.event === 'SETTINGS' && frame.from === side && frame.initialWindow !== null,
  );
  return {
    variant: side === 'client' ? 'client-takes-none' : 'upstream-takes-none',
    title: `${who} gives no flow-control window: ${what} cannot be sent`,
    key: side === 'client' ? `client ${listener}` : upstream,
    evidence: [
      fact(
        group,
        {
          'request.path': group.path,
          'request.stream_id': group.streamIds[0],
          cause: group.cause,
          error: group.error,
          bytes_in: group.bytesIn,
          bytes_out: group.bytesOut,
          'response.status': group.status,
        },
        `${what} stood still`,
      ),
      ...(blocked === undefined
        ? []
        : [
            fact(
              blocked,
              {
                direction: side === 'client' ? 'downstream' : 'upstream',
                h2_event: 'FLOW_BLOCK',
                stream_id: blocked.streamId,
              },
              'the window was used up and no WINDOW_UPDATE came after this',
            ),
          ]),
      ...(settings === undefined
        ? []
        : [
            fact(
              settings,
              { h2_event: 'SETTINGS', INITIAL_WINDOW_SIZE: settings.initialWindow },
              'the window every stream begins with',
            ),
          ]),
      ...closeFact(connection, 'how the connection ended'),
    ],
    ruledOut: [
      ...soundBefore(connection, 'tls-in', 'tls-out'),
      ruledOut(
        side === 'client' ? 'a slow upstream' : 'a client that sends nothing',
        'it is the other side that may not send',
        blocked ?? group,
      ),
    ],
    next: [
      step(
        `Look at ${who}: does its application read what it gets? A handler that blocks keeps the window closed`,
      ),
      ...(settings?.initialWindow === 0
        ? [
            step('It announces INITIAL_WINDOW_SIZE 0: somebody set it so', {
              config: 'SETTINGS_INITIAL_WINDOW_SIZE ≥ 65535',
            }),
          ]
        : []),
    ],
  };
}
