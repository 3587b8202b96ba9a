import { existsSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { Diagnosis } from '../../protos/findings/findings.ts';
import { createFilter } from '../query/filter/filter.ts';
import { createOutput } from '../query/output.ts';
import { printable } from '../query/printable.ts';
import { InputError } from '../query/reading/input.ts';
import { readRecords } from '../query/reading/record-reader.ts';
import { noMatch, problemLines, tellHints } from '../query/report-input.ts';
import { runSubcommand } from '../subcommand.ts';
import { DiagnosisEngine } from './engine/engine.ts';
import { followFindings } from './follow-findings.ts';
import { diagnosisOf, diagnosisText, type ReadInput } from './report/diagnosis.ts';
import { styleFor } from './report/layout.ts';
import { ruleList } from './rule-list.ts';
import { rules } from './rules/index.ts';

type Options = {
  where?: string;
  json?: true;
  follow?: true;
  notes?: true;
  explain?: string[];
  top: number;
  rules?: true;
  width?: number;
};

/** Narrower than this the text beside the labels is a word a line. */
const leastWidth = 40;

const help = `
Reads records (of this proxy or of wiretracer 1.50), and lines of a client's own log among them; says what is wrong, for whom,
since when and how often, by which records, what those rule out, and what to do.

Examples:
  wiretracer diagnose records.jsonl
  wiretracer diagnose --where 'listener=otlp client=10.0.0.0/8' --json records.jsonl | jq '.findings[0]'
  wiretracer --headless --jsonl - | wiretracer diagnose --follow -
  wiretracer diagnose --explain 'FRAME_SIZE_ERROR: 4740180'

Exit codes: 0 nothing found, 1 findings, 2 the input or the filter is wrong, no record in it or none that --where matches, or no
rule that knows the line of --explain.`;

/** `wiretracer diagnose`. */
export function diagnoseCommand(args: readonly string[]): Promise<number> {
  const command = new Command('wiretracer diagnose')
    .description('Say what is wrong, and why, from the records of the proxy.')
    .argument('[file]', 'records as JSON lines; "-" is standard input')
    .option(
      '--where <filter>',
      'only connections one of whose records matches; the language of wiretracer query',
    )
    .option(
      '--json',
      'for machines: one object, or with --follow one line for each finding that is new or grew',
    )
    .option('--follow', 'go on as the file grows, is rotated or appears, and tell findings as they come')
    .option('--notes', 'also what looks wrong and is not, such as the lifetime of a kept connection')
    .option('--explain <text>', 'a line of a client log to explain; may be repeated', collect)
    .option('--top <n>', 'findings shown', atLeast(1), 10)
    .option(
      '--width <n>',
      'characters in a line, instead of those of the terminal; at least 40',
      atLeast(leastWidth),
    )
    .option('--rules', 'list the rules; with --json for machines')
    .addHelpText('after', help);
  return runSubcommand(command, args, (signal) => diagnose(command, signal));
}

async function diagnose(command: Command, signal: AbortSignal): Promise<number> {
  const options = command.opts<Options>();
  const [file] = command.processedArgs as [string | undefined];
  const output = createOutput();
  if (options.rules) {
    output.write(ruleList(options.json ?? false));
    await output.drained();
    return 0;
  }
  const texts = options.explain ?? [];
  if (file === undefined && (texts.length === 0 || options.follow))
    return usage('name a file of records, or - for standard input');
  const engine = new DiagnosisEngine(rules, options.where === undefined ? null : createFilter(options.where));
  if (options.where !== undefined) tellHints('diagnose', options.where);
  const unknown = texts.filter((text) => !engine.addText(text));
  const width = options.width ?? Math.max(leastWidth, process.stdout.columns ?? 100);
  const style = styleFor(colorsWanted());
  if (options.follow && file !== undefined) {
    return followFindings(file, engine, {
      where: options.where,
      json: options.json ?? false,
      notes: options.notes ?? false,
      width,
      style,
      output,
      signal,
    });
  }
  const inputs = file === undefined ? [] : [await readOne(file, engine, signal, texts.length > 0)];
  engine.finish();
  const diagnosis = diagnosisOf(engine, inputs, options.notes ?? texts.length > 0);
  const found = diagnosis.findings.length + diagnosis.notes.length > 0;
  const trouble = troubleOf(diagnosis, inputs, unknown, options.where);
  if (options.json) output.write(JSON.stringify(diagnosis, null, 2));
  else if (found || trouble.length === 0)
    output.write(diagnosisText(diagnosis, inputs, { width, style, top: options.top }).trimEnd());
  await output.drained();
  for (const line of trouble) process.stderr.write(`error: ${line}\n`);
  if (diagnosis.findings.length > 0) return 1;
  return trouble.length > 0 ? 2 : 0;
}

/** Why there was nothing to judge: an input without a record, a filter nothing matches, a line that no rule knows. */
function troubleOf(
  { input, connections }: Diagnosis,
  inputs: ReadInput,
  unknown: readonly string[],
  where: string | undefined,
): string[] {
  const lines = unknown.map((text) => `no rule knows this line: ${printable(text)}`);
  for (const { file, tally } of inputs) {
    if (tally.records > 0 || tally.knownTexts > 0) continue;
    lines.push([`${file}: no records to diagnose`, ...problemLines(tally)].join('\n  '));
  }
  if (where !== undefined && input.records > 0 && connections === 0)
    lines.push(noMatch(inputs[0]!.file, where));
  return lines;
}

async function readOne(
  file: string,
  engine: DiagnosisEngine,
  signal: AbortSignal,
  explains: boolean,
): Promise<ReadInput[number]> {
  if (explains && file !== '-' && !existsSync(file))
    throw new InputError(`${file}: there is no such file; a second line to explain needs --explain, too`);
  const tally = await readRecords(
    file,
    {
      skim: (text, line) => engine.skim(text, line),
      record: (record, line) => engine.add(record, line),
      text(text, _line, tally) {
        if (engine.addText(text)) tally.knownTexts += 1;
      },
    },
    { signal },
  );
  return { file, tally };
}

function colorsWanted(): boolean {
  return (process.stdout.isTTY ?? false) && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

function usage(message: string): number {
  process.stderr.write(`error: ${message}\n`);
  return 2;
}

function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

function atLeast(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least) return number;
    throw new InvalidArgumentError(
      least === 1 ? 'It must be a positive whole number.' : `It must be a whole number of ${least} or more.`,
    );
  };
}
