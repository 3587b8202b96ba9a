import { printable } from '../query/printable.ts';
import type { Chain, Graph } from './graph.ts';
import type { LegState } from './leg.ts';

/** One line for each chain, in columns. */
export function graphText(graph: Graph, top: number): string {
  const shown = graph.chains.slice(0, top);
  const rows = [header, ...shown.map(row)];
  const widths = header.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => (column < 6 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  const left = graph.chains.length - shown.length + graph.more_chains;
  if (left > 0)
    lines.push(`${left} more chains${graph.more_chains > 0 ? ' or connections' : ''}: --top shows them`);
  for (const { from, to, connections } of graph.hops) {
    lines.push(printable(`listener ${from} leads on to listener ${to}: ${connections} connections`));
  }
  return lines.join('\n');
}

const header = [
  'client',
  'listener',
  'upstream',
  'in',
  'out',
  'failures',
  'conns',
  'failed',
  'requests',
  'failed',
];

function row(chain: Chain): string[] {
  const failures = chain.causes.map(({ value, count }) => `${value} (${count})`).join(', ');
  return [
    chain.client +
      (chain.proxy_version === 'v1' || chain.proxy_version === 'v2' ? ` (PROXY ${chain.proxy_version})` : ''),
    chain.listener,
    chain.upstream,
    legOf(chain.leg_in, chain.tls_in, chain.alpn_in),
    legOf(chain.leg_out, chain.tls_out, chain.alpn_out),
    failures === '' ? '-' : failures,
    String(chain.connections),
    String(chain.failed_connections),
    String(chain.exchanges),
    String(chain.failed_exchanges),
  ].map(printable);
}

function legOf(state: LegState, tls: string | null, alpn: string | null): string {
  if (state === null) return '?';
  if (state !== 'tls') return state === 'plain' ? 'plain' : 'TLS failed';
  return [tls ?? 'TLS', alpn].filter((part) => part !== null).join(' ');
}
