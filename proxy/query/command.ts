import { Command, InvalidArgumentError, Option } from 'commander';
import { runSubcommand } from '../subcommand.ts';
import { fields } from './filter/fields.ts';
import { createFilter } from './filter/filter.ts';
import { createOutput } from './output.ts';
import { readRecords } from './reading/record-reader.ts';
import { recordLine } from './record-line.ts';
import { noMatch, problemLines, tellHints } from './report-input.ts';

type Options = { format: 'jsonl' | 'text'; count?: true; limit?: number; follow?: true; fields?: true };

const help = `
A filter is conditions, all of which must hold; OR, NOT, - and parentheses combine them:
  field=value  field!=value  field^=start  field~regex  field>number  field in (a, b*)  word
  "quoted values" may hold blanks; a word alone is searched for. --fields lists the fields; a key of a record is one too.

Examples:
  wiretracer query records.jsonl 'proto=tls outcome=fail client=10.0.0.0/8'
  wiretracer query records.jsonl --format text 'duration_ms>1s (cause^=h2_ OR status>=500) -path~^/health'
  wiretracer query --follow --format text records.jsonl event=close
  zcat records.jsonl.gz | wiretracer query - --count 'closed_by=upstream'

Exit codes: 0 something matched, 1 nothing did, 2 the filter or the input is wrong.`;

/** `wiretracer query`. */
export function queryCommand(args: readonly string[]): Promise<number> {
  const command = new Command('wiretracer query')
    .description('Print the records that match a filter.')
    .argument('[file]', 'records as JSON lines; "-" is standard input')
    .argument('[filter]', 'left out: every record', '')
    .addOption(
      new Option('--format <format>', 'jsonl: the lines as they are; text: one line each for people')
        .choices(['jsonl', 'text'])
        .default('jsonl'),
    )
    .option('--count', 'print only how many match')
    .option('--limit <n>', 'stop after this many', positive)
    .option('--follow', 'go on as the file grows, is rotated or appears')
    .option('--fields', 'list the fields a filter may name')
    .addHelpText('after', help);
  return runSubcommand(command, args, (signal) => query(command, signal));
}

async function query(command: Command, signal: AbortSignal): Promise<number> {
  const options = command.opts<Options>();
  const [file, filter] = command.processedArgs as [string | undefined, string];
  const output = createOutput();
  if (options.fields) {
    for (const { names, about } of fields) output.write(`${names.join(', ').padEnd(44)} ${about}`.trimEnd());
    await output.drained();
    return 0;
  }
  if (file === undefined) {
    process.stderr.write('error: name a file of records, or - for standard input\n');
    return 2;
  }
  const matches = createFilter(filter);
  tellHints('query', filter);
  const enough = new AbortController();
  let count = 0;
  const tally = await readRecords(
    file,
    {
      record(record, _line, text) {
        if (count === options.limit || !matches(record)) return;
        count += 1;
        if (count === options.limit) enough.abort();
        if (!options.count) output.write(options.format === 'text' ? recordLine(record) : text);
      },
      drained: output.drained,
    },
    { follow: options.follow ?? false, signal: AbortSignal.any([signal, enough.signal]) },
  );
  if (options.count) output.write(String(count));
  await output.drained();
  for (const line of problemLines(tally)) process.stderr.write(`wiretracer query: ${line}\n`);
  if (tally.records === 0) {
    process.stderr.write(`wiretracer query: ${file} holds no records\n`);
    return 2;
  }
  if (count === 0) process.stderr.write(`wiretracer query: ${noMatch(file, filter)}\n`);
  return count > 0 ? 0 : 1;
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a positive whole number.');
}
