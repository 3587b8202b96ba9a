import type { Diagnosis } from '../../../protos/findings/findings.ts';
import type { Tally } from '../../query/reading/tally.ts';
import { problemLines } from '../../query/report-input.ts';
import { version } from '../../version.ts';
import type { DiagnosisEngine } from '../engine/engine.ts';
import { findingText } from './finding-text.ts';
import { type Style, wrap } from './layout.ts';

/** What was read, file by file. */
export type ReadInput = { file: string; tally: Tally }[];

/** The whole answer, as `--json` prints it. */
export function diagnosisOf(engine: DiagnosisEngine, inputs: ReadInput, withNotes: boolean): Diagnosis {
  const all = engine.findings();
  const kinds = new Map<string, number>();
  for (const { tally } of inputs) {
    for (const [kind, count] of tally.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  }
  const sum = (of: (tally: Tally) => number): number =>
    inputs.reduce((total, { tally }) => total + of(tally), 0);
  return {
    schema: 'wiretracer-findings/1',
    version,
    input: {
      files: inputs.map(({ file }) => file),
      lines: sum((tally) => tally.lines),
      records: sum((tally) => tally.records),
      old_records: sum((tally) => tally.oldRecords),
      kinds: Object.fromEntries(kinds),
      missing_records: sum((tally) => tally.missing()),
      problems: inputs.flatMap(({ file, tally }) =>
        tally
          .problems()
          .map(({ kind, lines, first }) => ({ kind, lines, first: first.map((one) => ({ file, ...one })) })),
      ),
    },
    connections: engine.totals.connections,
    exchanges: engine.totals.exchanges,
    findings: all.filter(({ severity }) => severity === 'finding'),
    notes: withNotes ? all.filter(({ severity }) => severity === 'note') : [],
  };
}

/** The same for people. */
export function diagnosisText(
  diagnosis: Diagnosis,
  inputs: ReadInput,
  options: { width: number; style: Style; top: number },
): string {
  const { width, style, top } = options;
  const { findings, notes } = diagnosis;
  const shown = findings.slice(0, top);
  const blocks = shown.map((finding, index) => findingText(finding, index + 1, width, style));
  if (findings.length > shown.length)
    blocks.push(`${findings.length - shown.length} more findings: --top ${findings.length} shows them`);
  if (notes.length > 0) {
    blocks.push(style.bold('Looks wrong and is not, or is odd and harms nobody:'));
    blocks.push(...notes.slice(0, top).map((note, index) => findingText(note, index + 1, width, style)));
  }
  blocks.push(
    summary(diagnosis, inputs)
      .flatMap((line) => wrap(line, width))
      .join('\n'),
  );
  return `${blocks.join('\n\n')}\n`;
}

function summary({ findings, notes, connections, exchanges, input }: Diagnosis, inputs: ReadInput): string[] {
  const found = [
    findings.length > 0 || notes.length === 0 ? null : 'Nothing wrong',
    findings.length > 0 ? many(findings.length, 'finding') : null,
    notes.length > 0 ? many(notes.length, 'note') : null,
  ].filter((part) => part !== null);
  const what = found.length === 0 ? 'Nothing found' : found.join(', ');
  // Lines of --explain alone: nothing was read.
  if (inputs.length === 0) return [`${what}.`];
  const isCut = input.problems.some(({ kind }) => kind === 'cut-off')
    ? '; the input ends in the middle of a line'
    : '';
  const old =
    input.old_records === 0
      ? ''
      : input.old_records === input.records
        ? ', as wiretracer 1.50 writes them'
        : `, ${input.old_records} of them as wiretracer 1.50 writes them`;
  return [
    `${what} in ${many(connections, 'connection')} with ${many(exchanges, 'exchange')} (${many(input.records, 'record')}${old}${isCut}).`,
    ...inputs.flatMap(({ file, tally }) => problemLines(tally).map((line) => `${file}: ${line}`)),
  ];
}

function many(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
