import { Command, InvalidArgumentError, Option } from 'commander';
import { createFilter } from '../query/filter/filter.ts';
import { createOutput } from '../query/output.ts';
import { readRecords } from '../query/reading/record-reader.ts';
import { noMatch, problemLines, tellHints } from '../query/report-input.ts';
import { runSubcommand } from '../subcommand.ts';
import { GraphBuilder } from './graph.ts';
import { graphDot } from './graph-dot.ts';
import { graphText } from './graph-text.ts';

type Options = { where?: string; json?: true; dot?: true; top: number };

const help = `
Every way a connection took, with how many went it and how many failed. Of several files, or of listeners in a row, it also
says which listener leads on to which: by the address the first one dials from. A leg is TLS with its version and ALPN, "TLS
failed", "plain", or "?" where the records do not tell.

Examples:
  wiretracer graph records.jsonl
  wiretracer graph --where 'listener=otlp' --json edge.jsonl inner.jsonl
  wiretracer graph --dot records.jsonl | dot -Tsvg > graph.svg

Exit codes: 0 done, 2 the input or the filter is wrong, or no record matches it.`;

/** `wiretracer graph`. */
export function graphCommand(args: readonly string[]): Promise<number> {
  const command = new Command('wiretracer graph')
    .description('Who talks to whom: client → listener → upstream, with counts and outcomes.')
    .argument('<files...>', 'records as JSON lines; "-" is standard input')
    .option(
      '--where <filter>',
      'only connections one of whose records matches; the language of wiretracer query',
    )
    .addOption(new Option('--json', 'for machines').conflicts('dot'))
    .option('--dot', 'for Graphviz')
    .option('--top <n>', 'lines shown', positive, 1000)
    .addHelpText('after', help);
  return runSubcommand(command, args, (signal) => graph(command, signal));
}

async function graph(command: Command, signal: AbortSignal): Promise<number> {
  const options = command.opts<Options>();
  const [files] = command.processedArgs as [string[]];
  const builder = new GraphBuilder(options.where === undefined ? null : createFilter(options.where));
  if (options.where !== undefined) tellHints('graph', options.where);
  let records = 0;
  for (const file of files) {
    const tally = await readRecords(
      file,
      { record: (record, line) => builder.add(record, line) },
      { signal },
    );
    builder.endOfFile();
    records += tally.records;
    for (const line of problemLines(tally)) process.stderr.write(`wiretracer graph: ${file}: ${line}\n`);
  }
  if (records === 0) {
    process.stderr.write(`error: ${files.join(', ')}: no records\n`);
    return 2;
  }
  const output = createOutput();
  const made = builder.graph();
  const isEmpty = options.where !== undefined && made.chains.length === 0;
  if (options.json) output.write(JSON.stringify(made, null, 2));
  else if (options.dot || !isEmpty) output.write(options.dot ? graphDot(made) : graphText(made, options.top));
  await output.drained();
  if (isEmpty) process.stderr.write(`error: ${noMatch(files.join(', '), options.where!)}\n`);
  return isEmpty ? 2 : 0;
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('It must be a positive whole number.');
}
