import type { ConnRecord } from '../../../protos/records/records.ts';
import type { CaseInstance } from '../../load/catalog.ts';
import { type ConnectionView, differs, type Invariant } from '../case-view.ts';
import type { Mismatch } from '../match.ts';

/** Reasons of 1.50 that name who was at fault, not whose FIN or RST came first. */
const blame =
  /^(proxy_protocol_error|tls_in_fail|client_protocol_error|upstream_protocol_error|protocol_error)$/;

export const ending: Invariant = {
  name: 'ending',
  witness: 'who ended the TCP stream and how, as the client and the server each saw it on their own socket',
  check: ({ connections, instance }) =>
    connections.flatMap((connection) => ofConnection(connection, instance)),
};

/** Causes that only one side can bring about. */
const doneBy: Record<string, 'client' | 'upstream'> = {
  eof: 'client',
  client_gone: 'client',
  eof_before_headers: 'upstream',
  truncated: 'upstream',
  tls_truncated: 'upstream',
};

function ofConnection(connection: ConnectionView, { upstream }: CaseInstance): Mismatch[] {
  const { close } = connection;
  // What a fault does below TLS, its server's own TLS does not hear of.
  const below = typeof upstream === 'object' && upstream.fault?.id.startsWith('tls-');
  return close ? [...byCause(close), ...(below ? [] : atServer(connection)), ...atBoth(connection)] : [];
}

function byCause(close: ConnRecord): Mismatch[] {
  const by = doneBy[close.cause ?? ''];
  return by === undefined || close.closed_by === by
    ? []
    : [differs(close, 'closed_by', `${by}, as cause is ${close.cause}`, close.closed_by)];
}

/** What the server alone knows: a side that met the other's end did not end first. */
function atServer({ close, seen }: ConnectionView): Mismatch[] {
  const [server] = seen.close;
  if (!close || !server || blame.test(close.close_reason ?? '')) return [];
  return server.by === 'peer' && close.closed_by === 'upstream'
    ? [differs(close, 'closed_by', 'not upstream: the server met the end of the proxy', close.closed_by)]
    : [];
}

function atBoth({ close, client, seen, events }: ConnectionView): Mismatch[] {
  const broken: Mismatch[] = [];
  const mine = client?.sockets.length === 1 ? client.result?.close : undefined;
  const [server] = seen.close;
  if (!close || !mine || mine.by === null) return broken;
  const clientEnded = mine.by === 'self';
  const blamed = blame.test(close.close_reason ?? '');
  if (server && !blamed) {
    const serverEnded = server.by === 'self';
    const impossible: Record<string, boolean> = {
      client: !clientEnded && serverEnded,
      upstream: clientEnded && !serverEnded,
      proxy: clientEnded !== serverEnded && close.term === '--',
    };
    if (impossible[close.closed_by ?? '']) {
      const expected = clientEnded ? 'client' : 'upstream';
      broken.push(differs(close, 'closed_by', `${expected}: it ended its stream first`, close.closed_by));
    }
    if (!clientEnded && !serverEnded && close.term === '--' && close.closed_by !== 'proxy') {
      broken.push(differs(close, 'closed_by', 'proxy: neither end closed first', close.closed_by));
    }
    // The relay passes FIN on as FIN and RST as RST. Of a FIN with an RST behind it a client may meet the RST alone; that there was
    // a FIN is the server's word alone, for whoever met an RST and nothing before has that flag too.
    const resetBehindFin = server.fin_sent && mine.peer_end === 'rst' && close.flags.includes('upstream_rst');
    if (
      serverEnded &&
      !clientEnded &&
      mine.peer_end !== null &&
      close.upstream_end !== null &&
      close.upstream_end !== mine.peer_end &&
      !resetBehindFin
    ) {
      broken.push(
        differs(close, 'upstream_end', `${mine.peer_end}, as it reached the client`, close.upstream_end),
      );
    }
    if (
      clientEnded &&
      !serverEnded &&
      // A server may take a reset for a FIN (its own write met it first), but never a FIN for a reset.
      server.peer_end === 'rst' &&
      close.client_end !== null &&
      !close.flags.includes('client_rst')
    ) {
      broken.push(differs(close, 'flags', 'with client_rst: a reset reached the server', close.flags));
    }
  }
  // An answer that is still owed is broken off by RST, so that nobody can take what there is of it for whole.
  const open = events.filter(({ error }) => error !== null);
  const gaveUp = /^(timeout|flow_control_stall|shutdown)$/.test(close.cause ?? '');
  const refused = close.cause === 'client_cert_rejected';
  const owed = open.some(({ local_reply }) => !local_reply);
  if (owed && (gaveUp || refused || close.upstream_end === 'rst') && mine.peer_end === 'fin')
    broken.push(
      differs(close, 'cause', 'an end that reached the client as RST', `${close.cause}, and a FIN`),
    );
  // Of a handshake that was given up nothing is owed.
  const relayed = close.closed_by === 'proxy' && close.close_reason !== 'upstream_connect_fail';
  if (open.length > 0 && gaveUp && relayed && server?.peer_end === 'fin')
    broken.push(
      differs(close, 'cause', 'an end that reached the server as RST', `${close.cause}, and a FIN`),
    );
  const reset = client?.spec.mode === 'client_rst';
  if (reset && clientEnded && close.client_end !== 'rst')
    broken.push(differs(close, 'client_end', 'rst: the client reset', close.client_end));
  return broken;
}
