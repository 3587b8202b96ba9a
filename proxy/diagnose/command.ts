import { Command, InvalidArgumentError } from 'commander';
import { createFilter } from '../query/filter/filter.ts';
import { createOutput } from '../query/output.ts';
import { readRecords } from '../query/reading/record-reader.ts';
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
  explain: string[];
  top: number;
  rules?: true;
  width?: number;
};

const help = `
Reads records (of this proxy or of wiretracer 1.50), and lines of a client's own log among them; says what is wrong, for whom,
since when and how often, by which records, what those rule out, and what to do.

Examples:
  wiretracer diagnose records.jsonl
  wiretracer diagnose --where 'listener=otlp client=10.0.0.0/8' --json records.jsonl | jq '.findings[0]'
  wiretracer --headless --jsonl - | wiretracer diagnose --follow -
  wiretracer diagnose --explain 'FRAME_SIZE_ERROR: 4740180'

Exit codes: 0 nothing found, 1 findings, 2 the input or the filter is wrong.`;

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
    .option('--explain <text>', 'a line of a client log to explain; may be repeated', collect, [])
    .option('--top <n>', 'findings shown', positive, 10)
    .option('--width <n>', 'characters in a line, instead of those of the terminal', positive)
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
  if (file === undefined && (options.explain.length === 0 || options.follow))
    return usage('name a file of records, or - for standard input');
  const engine = new DiagnosisEngine(rules, options.where === undefined ? null : createFilter(options.where));
  for (const text of options.explain) engine.addText(text);
  const width = options.width ?? process.stdout.columns ?? 100;
  const style = styleFor(colorsWanted());
  if (options.follow && file !== undefined) {
    return followFindings(file, engine, {
      json: options.json ?? false,
      notes: options.notes ?? false,
      width,
      style,
      output,
      signal,
    });
  }
  const inputs = file === undefined ? [] : [await readOne(file, engine, signal)];
  engine.finish();
  const diagnosis = diagnosisOf(engine, inputs, options.notes ?? options.explain.length > 0);
  output.write(
    options.json
      ? JSON.stringify(diagnosis, null, 2)
      : diagnosisText(diagnosis, inputs, { width, style, top: options.top }).trimEnd(),
  );
  await output.drained();
  if (file !== undefined && diagnosis.input.records === 0 && diagnosis.findings.length === 0)
    return usage(`${file}: no records to diagnose`);
  return diagnosis.findings.length > 0 ? 1 : 0;
}

async function readOne(
  file: string,
  engine: DiagnosisEngine,
  signal: AbortSignal,
): Promise<ReadInput[number]> {
  const tally = await readRecords(
    file,
    {
      skim: (text, line) => engine.skim(text, line),
      record: (record, line) => engine.add(record, line),
      text: (text) => engine.addText(text),
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

function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value];
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a positive whole number.');
}
