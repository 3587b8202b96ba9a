import type { ClientSpec } from '../../protos/control/fault-client.ts';
import { plainAddress } from '../run/ledger.ts';

/** What is known of one attempt, whose listener and endpoint no other attempt uses at the same time. */
export type Sides = {
  clients: { name: string; spec: Pick<ClientSpec, 'proxyHeader' | 'fault'>; source: string | null }[];
  /** `ip:port` as each client reported it, in the order they connected. */
  sockets: { client: string; socket: string }[];
  /** In the order of their first records. `address`: `client_ip:client_port`, which a PROXY header may have replaced. */
  connections: { connId: string; address: string; fromMs: number; toMs: number; path: string | null }[];
  /** What the upstream saw, in the order it accepted. `claimed`: the source a PROXY header named there. */
  server: { conn: number; fromMs: number; toMs: number; claimed: string | null; paths: string[] }[];
};

/** How a connection was given its client, in the words the report uses. */
export type Rule =
  | 'the address of its socket'
  | "the client's source address"
  | 'the only client of its listener'
  | 'the source its PROXY header names'
  | 'the only client that sends such a header';

export type Match = {
  connId: string;
  client: string | null;
  /** Null where several sockets of the client come into question. */
  socket: string | null;
  rule: Rule | null;
  /** The server's connection behind it; null where it cannot be told. */
  server: number | null;
};

/**
 * Gives every connection a program recorded its client, its socket and the server's connection behind it, by what the record
 * itself holds. Nothing is chosen among equals: what stays open is null, and `ambiguous` says what and why.
 */
export function correlate(sides: Sides): { matches: Match[]; ambiguous: string | null } {
  const taken = new Set<string>();
  const matches = sides.connections.map((connection) => ({
    connId: connection.connId,
    socket: null as string | null,
    server: null as number | null,
    ...clientOf(connection, sides),
  }));
  matches.forEach((match, index) => {
    const { address } = sides.connections[index]!;
    const own = sides.sockets.some(({ client, socket }) => client === match.client && socket === address);
    // A client that was reset while it connected never heard of its socket: the record has its address.
    const unheard = match.rule === "the client's source address";
    if (!own && !unheard) return;
    match.socket = address;
    taken.add(address);
  });
  for (const { name } of sides.clients) inOrder(name, matches, sides, taken);
  pairServer(matches, sides);
  const [open] = matches.filter(({ client }) => client === null);
  const address = sides.connections.find(({ connId }) => connId === open?.connId)?.address;
  return {
    matches,
    ambiguous: open
      ? `the record of a connection from ${address} fits several clients of the case: its record names neither their sockets nor a header only one of them sends`
      : null,
  };
}

function clientOf(
  { address }: Sides['connections'][number],
  { clients, sockets }: Sides,
): { client: string | null; rule: Rule | null } {
  const socket = sockets.find((item) => item.socket === address);
  if (socket) return { client: socket.client, rule: 'the address of its socket' };
  const ip = address.slice(0, address.lastIndexOf(':'));
  const bound = clients.find(({ source }) => source === ip);
  if (bound) return { client: bound.name, rule: "the client's source address" };
  if (clients.length === 1) return { client: clients[0]!.name, rule: 'the only client of its listener' };
  const claiming = clients.filter(({ spec }) => claimedSource(spec) === address);
  if (claiming.length === 1) return { client: claiming[0]!.name, rule: 'the source its PROXY header names' };
  const senders = clients.filter(({ spec }) => sendsHeader(spec));
  if (claiming.length === 0 && senders.length === 1)
    return { client: senders[0]!.name, rule: 'the only client that sends such a header' };
  return { client: null, rule: null };
}

/** As many connections as sockets are left: the order they came in tells which is which, when one ended before the next began. */
function inOrder(
  client: string,
  matches: Match[],
  { sockets, connections }: Sides,
  taken: Set<string>,
): void {
  const open = matches.filter((match) => match.client === client && match.socket === null);
  const left = sockets.filter((item) => item.client === client && !taken.has(item.socket));
  if (open.length !== left.length) return;
  const spans = open.map(({ connId }) => connections.find((item) => item.connId === connId)!);
  if (!followOneAnother(spans)) return;
  open.forEach((match, index) => {
    match.socket = left[index]!.socket;
  });
}

/** By the source a header named at both ends, by a path only one of them has, else one after the other in the order they came. */
function pairServer(matches: Match[], { connections, server }: Sides): void {
  const free = new Set(server);
  const pair = (match: Match, found: Sides['server']) => {
    if (match.server !== null || found.length !== 1) return;
    match.server = found[0]!.conn;
    free.delete(found[0]!);
  };
  const of = (match: Match) => connections.find(({ connId }) => connId === match.connId)!;
  const only = (key: (item: Sides['connections'][number]) => string | null, match: Match) =>
    connections.filter((item) => key(item) === key(of(match))).length === 1;
  for (const match of matches) {
    const { address, path } = of(match);
    if (only((item) => item.address, match))
      pair(
        match,
        [...free].filter(({ claimed }) => claimed === address),
      );
    if (path !== null && only((item) => item.path, match))
      pair(
        match,
        [...free].filter(({ paths }) => paths.includes(path)),
      );
  }
  const open = matches.filter((match) => match.server === null);
  if (open.length !== free.size) return;
  const left = [...free];
  if (open.length > 1 && !(followOneAnother(open.map(of)) && followOneAnother(left))) return;
  open.forEach((match, index) => {
    match.server = left[index]!.conn;
  });
}

function followOneAnother(spans: { fromMs: number; toMs: number }[]): boolean {
  return spans.every(({ fromMs }, index) => index === 0 || spans[index - 1]!.toMs <= fromMs);
}

/** The source a client's PROXY header names; null when it sends none, or one whose source the case does not write down. */
function claimedSource({ proxyHeader, fault }: Sides['clients'][number]['spec']): string | null {
  if (!proxyHeader || fault || !['v1', 'v2'].includes(proxyHeader.version)) return null;
  return plainAddress(proxyHeader.src ?? '203.0.113.10:54321');
}

function sendsHeader({ proxyHeader, fault }: Sides['clients'][number]['spec']): boolean {
  return (
    (proxyHeader !== undefined && proxyHeader.version !== 'none') || /^(pp|tls-proxy)-/.test(fault?.id ?? '')
  );
}
