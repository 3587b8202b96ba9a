import type { Finding } from '../../../protos/findings/findings.ts';
import { printable } from '../../query/printable.ts';
import { type Style, wrap } from './layout.ts';

const label = 12;

/** One finding for people. `number`: its place in the list. */
export function findingText(finding: Finding, number: number, width: number, style: Style): string {
  const { id, variant, certainty, title, cause } = finding;
  const name = variant === null ? id : `${id} (${variant})`;
  const head = finding.severity === 'note' ? style.bold(name) : style.red(style.bold(name));
  const lines = [`${number}. ${head}  ${style.dim(`${certainty}, ${howOften(finding)}`)}`];
  lines.push(...wrap(upperFirst(printable(title)), width, '   '));
  const part = (title: string, texts: string[]): void => {
    // A label that is wider than its column has a line of its own.
    const isWide = title.length >= label;
    if (isWide && texts.length > 0) lines.push(`   ${style.dim(title)}`);
    texts.forEach((text, index) => {
      const [first, ...rest] = wrap(printable(text), width - label - 3);
      lines.push(`   ${style.dim((index === 0 && !isWide ? title : '').padEnd(label))}${first}`);
      for (const line of rest) lines.push(`${' '.repeat(label + 3)}${line}`);
    });
  };
  part('why', [cause]);
  part('who', who(finding));
  part('since', since(finding));
  part('group', groupOf(finding));
  part('evidence', finding.evidence.map(evidenceText));
  part(
    'ruled out',
    finding.ruled_out.map(
      ({ what, says, line }) => `${what}: ${says}${line === null ? '' : ` [line ${line}]`}`,
    ),
  );
  finding.next.forEach(({ do: what, config, command }, index) => {
    const lead = style.dim((index === 0 ? 'do' : '').padEnd(label));
    const [first, ...rest] = wrap(printable(what), width - label - 3);
    const indent = ' '.repeat(label + 3);
    lines.push(`   ${lead}${first}`, ...rest.map((line) => indent + line));
    // To be copied: on one line, however long.
    if (config !== null) lines.push(`${indent}  ${printable(config)}`);
    if (command !== null) lines.push(`${indent}  $ ${printable(command)}`);
  });
  part(
    'easily taken for',
    finding.look_alikes.slice(0, 3).map(({ id: other, differs }) => `${other}: ${differs}`),
  );
  return lines.join('\n');
}

export function howOften({ count, of, unit }: Finding): string {
  if (unit === 'lines') return `${count} line${count === 1 ? '' : 's'}`;
  return `${count} of ${of} ${of === 1 ? unit.slice(0, -1) : unit}`;
}

function who({ clients, more_clients, listeners, upstreams }: Finding): string[] {
  if (clients.length + listeners.length + upstreams.length === 0) return [];
  const names = (values: Finding['clients']): string =>
    values.map(({ value, count }) => (values.length > 1 ? `${value} (${count})` : value)).join(', ') || '-';
  const more = more_clients > 0 ? ` and ${more_clients} more` : '';
  return [`clients ${names(clients)}${more}`, `listener ${names(listeners)} → upstream ${names(upstreams)}`];
}

function since({ since: first, until }: Finding): string[] {
  if (first === null) return [];
  const from = timeText(first);
  return [until === null || until === first ? from : `${from} to ${timeText(until)}`];
}

function groupOf({ group }: Finding): string[] {
  if (group === null) return [];
  const { dimension, value, failures, of_failures, successes, of_successes } = group;
  return [
    `${failures} of ${of_failures} failures have ${dimension} ${value}, ${successes} of ${of_successes} successes do`,
  ];
}

function evidenceText({ record, line, kind, fields, says }: Finding['evidence'][number]): string {
  const shown = Object.entries(fields)
    .map(([name, value]) => `${name}=${valueText(value)}`)
    .join(' ');
  return `${says} [line ${line}, ${kind}${record === null ? '' : ` ${record.slice(0, 8)}`}] ${shown}`;
}

function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const line = value.replaceAll('\n', ', ');
  return /^[\w.:/@*-]+$/.test(line) ? line : JSON.stringify(line);
}

function timeText(ts: number): string {
  return Math.abs(ts) < 8.64e12 ? new Date(ts * 1000).toISOString() : String(ts);
}

/** Words that begin a sentence; a name keeps its case. */
const sentenceStart =
  /^(?:the|an?|clients?|upstream|listener|messages|connections|exchanges|plaintext|one)\b/;

function upperFirst(text: string): string {
  return sentenceStart.test(text) ? text[0]!.toUpperCase() + text.slice(1) : text;
}
