import type { Connection } from '../facts/connection.ts';
import { type ControlFrame, frameOf } from '../facts/control.ts';
import type { ExchangeGroup } from '../facts/exchange.ts';
import { detailOfCause, wordOf } from '../facts/values.ts';
import { variantOf, wordsOf } from './h2-codes.ts';
import { closeFact, fact, ruledOut, soundBefore, step } from './parts.ts';
import type { Match, Rule } from './rule.ts';

export const goaway: Rule = {
  id: 'goaway',
  certainty: 'proof',
  looksFor: 'GOAWAY that gave up a connection or refused requests on it, with its code in words',
  evidence:
    'an event or `conn` `close` with cause `h2_goaway:CODE`; `h2ctl` `GOAWAY` with the last stream and debug data',
  cause: 'One side gave the HTTP/2 connection up; the code says why.',
  advice: 'the variant is the code: see what it means and which side sent it',
  lookAlikes: {
    'stream-reset': 'there one request is given up and the connection goes on',
    'http2-breach': 'there the breach that a GOAWAY answers is named',
  },
  exchange(group, connection) {
    if (wordOf(group.cause) === 'h2_rst' && isAnswerToGoaway(group, connection))
      return told(connection, detailOfCause(group.cause)!, group);
    if (wordOf(group.cause) !== 'h2_goaway') return null;
    return told(connection, detailOfCause(group.cause) ?? 'unknown', group);
  },
  rest(connection) {
    const { close } = connection;
    if (close === null || wordOf(close.cause) !== 'h2_goaway') return null;
    return told(connection, detailOfCause(close.cause) ?? 'unknown', null);
  },
};

/** A client that hears GOAWAY with an error resets what it has open with the same code: that ended nothing. */
function isAnswerToGoaway({ cause, error }: ExchangeGroup, { control }: Connection): boolean {
  const code = detailOfCause(cause);
  if (error?.startsWith('upstream') || code === 'NO_ERROR' || code === 'CANCEL') return false;
  return control.frames.some(
    ({ from, event, codeName }) => from === 'upstream' && event === 'GOAWAY' && codeName === code,
  );
}

function told(connection: Connection, code: string, group: ExchangeGroup | null): Match {
  const { close, control, upstream, clientIp, listener } = connection;
  const error = group?.error ?? close?.error ?? '';
  const fromClient =
    /from client, then/.test(error) ||
    (!/from upstream/.test(error) && sentBy(connection, code) === 'client');
  const who = fromClient ? `client ${clientIp}` : `upstream ${upstream}`;
  const frame = frameWith(connection, fromClient ? 'client' : 'upstream', code);
  const { says, next } = wordsOf(code);
  const debug = frame?.text ?? null;
  return {
    variant: variantOf(code),
    title: `${who} gives up HTTP/2 connections with GOAWAY ${code}${debug ? ` ("${debug}")` : ''}: ${says}`,
    key: fromClient ? `client ${listener}` : upstream,
    evidence: [
      ...(frame === undefined ? [] : [frameFact(frame)]),
      ...(group === null
        ? []
        : [
            fact(
              group,
              {
                'request.path': group.path,
                'request.stream_id': group.streamIds[0],
                cause: group.cause,
                error: group.error,
              },
              'a request it left without an answer',
            ),
          ]),
      ...closeFact(connection, 'how the connection ended'),
    ],
    ruledOut: [
      ...soundBefore(connection, 'tls-in', 'tls-out'),
      ruledOut(
        'a connection cut by the network',
        'the side that left said so first',
        frame ?? group ?? close,
      ),
      ...(control.recorded
        ? []
        : [ruledOut('nothing about its debug data', 'set logging.h2_control_events to record it')]),
    ],
    next: [step(next)],
  };
}

function frameFact(frame: ControlFrame): ReturnType<typeof fact> {
  return fact(
    frame,
    {
      direction: frame.from === 'client' ? 'downstream' : 'upstream',
      h2_event: 'GOAWAY',
      error_code_name: frame.codeName,
      'details.last_stream_id': frame.lastStreamId,
      'details.debug_data': frame.text,
    },
    `streams above ${frame.lastStreamId ?? 'it'} were not worked on`,
  );
}

function frameWith(
  { control }: Connection,
  from: 'client' | 'upstream',
  code: string,
): ControlFrame | undefined {
  return (
    control.frames.find((one) => one.from === from && one.event === 'GOAWAY' && one.codeName === code) ??
    frameOf(control, from, 'GOAWAY')
  );
}

function sentBy(connection: Connection, code: string): 'client' | 'upstream' | null {
  const frame = connection.control.frames.find((one) => one.event === 'GOAWAY' && one.codeName === code);
  if (frame !== undefined) return frame.from;
  return connection.close?.closedBy === 'client' ? 'client' : 'upstream';
}
