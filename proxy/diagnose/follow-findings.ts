import type { Finding } from '../../protos/findings/findings.ts';
import type { createOutput } from '../query/output.ts';
import { readRecords } from '../query/reading/record-reader.ts';
import { noMatch, problemLines } from '../query/report-input.ts';
import type { DiagnosisEngine } from './engine/engine.ts';
import { findingText, howOften } from './report/finding-text.ts';
import type { Style } from './report/layout.ts';

type Options = {
  where: string | undefined;
  json: boolean;
  notes: boolean;
  width: number;
  style: Style;
  output: ReturnType<typeof createOutput>;
  signal: AbortSignal;
};

/** Findings are made anew no more often than this: a busy pipe is never caught up for long. */
const gatherMs = 200;

/** Tells each finding when it comes up and again, in a line, as often as its count has doubled. Returns the exit code. */
export async function followFindings(
  file: string,
  engine: DiagnosisEngine,
  options: Options,
): Promise<number> {
  const { where, json, notes, width, style, output } = options;
  const told = new Map<string, number>();
  let found = false;
  const tell = (): void => {
    for (const finding of engine.findings()) {
      if (finding.severity === 'note' && !notes) continue;
      const before = told.get(keyOf(finding));
      if (before !== undefined && finding.count < before * 2) continue;
      told.set(keyOf(finding), finding.count);
      found ||= finding.severity === 'finding';
      if (json) output.write(JSON.stringify(finding));
      else if (before === undefined) output.write(`${findingText(finding, told.size, width, style)}\n`);
      else output.write(`${style.bold(finding.id)} goes on: ${howOften(finding)}\n`);
    }
  };
  let changed = false;
  let timer: NodeJS.Timeout | null = null;
  const tellSoon = (): void => {
    if (!changed || timer !== null) return;
    timer = setTimeout(() => {
      timer = null;
      changed = false;
      engine.settle();
      tell();
      void output.drained();
    }, gatherMs);
  };
  const tally = await readRecords(
    file,
    {
      skim(text, line) {
        changed = true;
        return engine.skim(text, line);
      },
      record: (record, line) => engine.add(record, line),
      text(text) {
        engine.addText(text);
      },
      caughtUp: tellSoon,
      drained: output.drained,
    },
    { follow: true, signal: options.signal },
  );
  if (timer !== null) clearTimeout(timer);
  engine.finish();
  tell();
  await output.drained();
  for (const line of problemLines(tally)) process.stderr.write(`wiretracer diagnose: ${line}\n`);
  // Whoever ended it may have done so before the first record came.
  if (tally.records === 0 && !found && !options.signal.aborted) {
    process.stderr.write(`error: ${file}: no records to diagnose\n`);
    return 2;
  }
  if (
    where !== undefined &&
    tally.records > 0 &&
    engine.totals.connections === 0 &&
    !options.signal.aborted
  ) {
    process.stderr.write(`error: ${noMatch(file, where)}\n`);
    return found ? 1 : 2;
  }
  return found ? 1 : 0;
}

function keyOf({ id, variant, title }: Finding): string {
  // Numbers of a title change as it grows; what it names does not.
  return `${id}\n${variant}\n${title.replaceAll(/\b\d+(?:\.\d+)?\b(?![.:])/g, '#')}`;
}
