import type { Static, TObject } from 'typebox';
import type { Frame } from '../../protos/h2/frame-reader.ts';
import { Type } from '../../protos/schema/type.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import { type Fault, type FaultSetting, fault } from '../faults/fault.ts';
import { answerGrpc } from './grpc-answer.ts';
import { H2Peer } from './h2-peer.ts';
import type { H2Request } from './h2-request.ts';

/** How a fault answers one request. */
export type H2Answer = {
  peer: H2Peer;
  request: H2Request;
  /** The first request of its connection that meets the fault. */
  first: boolean;
  /** The number of a stream that this server may open. */
  nextPushId(): number;
  /** Says what the fault did. */
  fired(detail: string): void;
};

/** Declares a fault that answers every whole HTTP/2 request by frames of its own. */
export function h2Fault<P extends TObject = TObject<Record<never, never>>>(
  declared: Pick<Fault, 'id' | 'layer' | 'summary' | 'peerMustSee' | 'spec'> & {
    params?: P;
    /** SETTINGS to send first, null for none. */
    settings?: (params: Static<P>) => [id: number, value: number][] | null;
    /** False: the peer gets no credit for what it sends. */
    credit?: boolean;
    /** False: the peer's SETTINGS stay unacknowledged. */
    acknowledge?: boolean;
    /** Called as soon as the header fields of a request came. */
    atHead?: (answer: H2Answer, params: Static<P>) => void;
    /** Called for each PING; false leaves it without its acknowledgement. */
    ping?: (answer: Pick<H2Answer, 'fired'>) => boolean;
    /** Called for each acknowledged PING. */
    pingAck?: (answer: Pick<H2Answer, 'peer' | 'fired'>, frame: Frame) => void;
    answer(answer: H2Answer, params: Static<P>): void;
  },
): Fault {
  const { id, layer, summary, peerMustSee, spec, params } = declared;
  return fault({
    id,
    layer,
    summary,
    peerMustSee,
    spec,
    stage: 'app',
    // What it says of itself when the connection begins is not for one request alone.
    perRequest:
      declared.settings || declared.credit === false || declared.acknowledge === false ? undefined : 'h2',
    params: (params ?? Type.Object({}, { additionalProperties: false })) as P,
    run(connection: ServerConnection, given: Static<P>, setting: FaultSetting) {
      const spared = new WeakSet<H2Request>();
      let pushId = 0;
      let firstId = 0;
      const fired = (detail: string) => connection.fault(id, detail);
      const answerOf = (request: H2Request, chosen = true): H2Answer => {
        if (chosen) firstId ||= request.id;
        const nextPushId = () => {
          pushId += 2;
          return pushId;
        };
        return { peer, request, first: request.id === firstId, nextPushId, fired };
      };
      const peer = new H2Peer(connection, {
        settings: declared.settings?.(given),
        credit: declared.credit,
        acknowledge: declared.acknowledge,
        head: (request) => {
          const { bytes, frames } = peer.received;
          if (setting.chooses({ path: request.field(':path') ?? '', bytes, frames }))
            declared.atHead?.(answerOf(request), given);
          else spared.add(request);
        },
        request: (request) => {
          if (!spared.has(request)) declared.answer(answerOf(request), given);
          else if (request.isGrpc) answerGrpc(answerOf(request, false));
          else answerOk(answerOf(request, false));
        },
        ping: () => declared.ping?.({ fired }) ?? true,
        pingAck: (frame) => declared.pingAck?.({ peer, fired }, frame),
      });
    },
  });
}

export const okText = Buffer.from('ok\n');

export function okFields(more: [string, string][]): [string, string][] {
  return [[':status', '200'], ['content-type', 'text/plain'], ...more];
}

/** A good answer; `done` is called once it is written. */
export function answerOk(answer: H2Answer, done: () => void = () => {}): void {
  const { peer, request } = answer;
  peer.headers(request.id, okFields([['content-length', String(okText.length)]]));
  peer.data(request.id, okText, {}, () => {
    peer.end(request.id);
    done();
  });
}
