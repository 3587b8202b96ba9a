import type { EventRecord } from '../../../protos/records/records.ts';
import { type CaseView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';

/** RFC 9209: an intermediary that answers by itself says so, and why, in Proxy-Status. */
export const localReplies: Invariant = {
  name: 'local-replies',
  witness: 'Proxy-Status in the answer as the client saw it (RFC 9209)',
  check: ({ connections, evidence }: CaseView) => {
    const logged = evidence.listener.config.logging.log_headers !== false;
    return connections.flatMap(({ events }) => events.flatMap((event) => ofEvent(event, logged)));
  },
};

function ofEvent(event: EventRecord, logged: boolean): Mismatch[] {
  const { response, local_reply: local, cause } = event;
  const broken: Mismatch[] = [];
  const says = response.raw_headers.some(([name]) => name.toLowerCase() === 'proxy-status');
  // A stream the proxy reset got no answer to say it in.
  if (logged && response.status !== null && says !== local)
    broken.push(
      differs(event, 'local_reply', `${says}, as Proxy-Status is${says ? '' : ' not'} there`, local),
    );
  if (local && cause === null)
    broken.push(differs(event, 'cause', 'why the proxy answered by itself', cause));
  return broken;
}
