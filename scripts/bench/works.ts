/** The three works every subject does, and the share of the fastest blind peer this proxy aims at. */
export type Work = {
  id: 'small' | 'large' | 'connections';
  title: string;
  path: string;
  /** Requests in one measured run. */
  requests: number;
  connections: number;
  streamsPerConnection: number;
  unit: string;
  /** Throughput in `unit` per second of `requests` requests in that many seconds. */
  rate: (requests: number, seconds: number) => number;
};

export const smallBytes = 1024;
export const largeBytes = 10 * 1024 * 1024;

const perSecond = (requests: number, seconds: number) => requests / seconds;

/** `effort` scales the number of requests; 1 is a few seconds a run. */
export function works(effort: number): Work[] {
  const scaled = (count: number) => Math.max(1, Math.round(count * effort));
  return [
    {
      id: 'small',
      title: '1 KiB GET, 20 connections x 10 streams',
      path: '/small',
      requests: scaled(60_000),
      connections: 20,
      streamsPerConnection: 10,
      unit: 'req/s',
      rate: perSecond,
    },
    {
      id: 'large',
      title: '10 MiB GET, 4 connections',
      path: '/large',
      requests: scaled(80),
      connections: 4,
      streamsPerConnection: 1,
      unit: 'MB/s',
      rate: (requests, seconds) => (requests * largeBytes) / 1e6 / seconds,
    },
    {
      id: 'connections',
      title: 'new TLS connections, one 1 KiB GET each',
      path: '/small',
      requests: scaled(600),
      connections: scaled(600),
      streamsPerConnection: 1,
      unit: 'conn/s',
      rate: perSecond,
    },
  ];
}
