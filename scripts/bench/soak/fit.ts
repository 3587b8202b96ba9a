/** Something of this machine that bounds the connections one proxy can have. */
export type Bound = { connections: number; words: string };
export type Fit = { idle: number; active: number; scaledDown: string | null };

/** What a process needs besides its connections: standard streams, files, listening sockets, a margin. */
const OTHER_FDS = 200;
/** Per connection: to the client and to the upstream. */
const FDS_PER_CONNECTION = 2;

/** `fdLimit` descriptors for each of the proxy's processes, over which the system spreads connections, but not evenly. */
export function descriptorBound(fdLimit: number, processes: number): Bound {
  const each = Math.floor((fdLimit - OTHER_FDS) / FDS_PER_CONNECTION);
  return {
    connections: processes === 1 ? each : Math.floor((each * processes) / 1.2),
    words: `a process gets at most ${fdLimit} file descriptors (ulimit -Hn), and the proxy needs two for a connection; with more --workers there are more`,
  };
}

/** Between the proxy and the one address of the upstream every connection needs a local port of its own. */
export function portBound(first: number, last: number): Bound {
  return {
    connections: Math.floor((last - first + 1) * 0.9),
    words: `there are only ${last - first + 1} local ports (net.ipv4.ip_local_port_range)`,
  };
}

/** As many connections as all bounds allow, idle and active in the proportion asked for. */
export function fitToMachine(idle: number, active: number, bounds: readonly Bound[]): Fit {
  const asked = idle + active;
  const tightest = bounds.reduce((a, b) => (b.connections < a.connections ? b : a));
  if (asked <= tightest.connections) return { idle, active, scaledDown: null };
  const share = tightest.connections / asked;
  return {
    idle: Math.floor(idle * share),
    active: Math.floor(active * share),
    scaledDown: tightest.words,
  };
}
