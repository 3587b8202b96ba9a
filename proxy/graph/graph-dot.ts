import { printable } from '../query/printable.ts';
import type { Graph } from './graph.ts';

/** The graph for Graphviz: clients, listeners and upstreams as nodes, connections and failures on the edges. */
export function graphDot(graph: Graph): string {
  const edges = new Map<string, { connections: number; failed: number }>();
  const add = (from: string, to: string, connections: number, failed: number): void => {
    const key = `  ${from} -> ${to}`;
    const edge = edges.get(key) ?? { connections: 0, failed: 0 };
    edge.connections += connections;
    edge.failed += failed;
    edges.set(key, edge);
  };
  for (const { client, listener, upstream, connections, failed_connections: failed } of graph.chains) {
    add(quoted(client), quoted(`listener ${listener}`), connections, failed);
    add(quoted(`listener ${listener}`), quoted(`upstream ${upstream}`), connections, failed);
  }
  for (const { from, to, connections } of graph.hops)
    add(quoted(`listener ${from}`), quoted(`listener ${to}`), connections, 0);
  const lines = [...edges].map(([edge, { connections, failed }]) => {
    const label = failed === 0 ? `${connections}` : `${connections}, ${failed} failed`;
    return `${edge} [label="${label}"${failed > 0 ? ', color=red' : ''}];`;
  });
  return ['digraph wiretracer {', '  rankdir=LR;', '  node [shape=box];', ...lines, '}'].join('\n');
}

function quoted(text: string): string {
  return `"${printable(text).replaceAll(/["\\]/g, '\\$&')}"`;
}
