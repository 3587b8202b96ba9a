import { short } from '../goals.ts';
import { median, pairedRatio } from '../statistics.ts';
import { names } from '../subjects/stack.ts';
import type { Figure, Report, Verdict } from '../types.ts';

export type Paint = (colour: 'red' | 'green' | 'bold' | 'dim', text: string) => string;

const codes = { red: 31, green: 32, bold: 1, dim: 2 };

/** Colours only for a terminal, and not where NO_COLOR asks for none (no-color.org). */
export function painter(colours: boolean): Paint {
  return (colour, text) => (colours ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text);
}

/** The summary: the goals, what falls short first, then every figure. */
export function reportText(report: Report, titles: Record<string, string>, paint: Paint): string {
  const { machine, rounds, effort } = report;
  const lines = [
    `${machine.cpus} x ${machine.model}, Node ${machine.node}, load by ${machine.loader}; medians of ${rounds} interleaved rounds, effort ${effort}`,
    'x = median of the ratios within each round; CPU = user + system of the relay, for one unit of work',
    '',
    ...report.verdicts.map((verdict) => verdictLine(verdict, paint)),
  ];
  for (const work of new Set(report.figures.map((figure) => figure.work))) {
    lines.push('', paint('bold', `${work}: ${titles[work] ?? ''}`));
    lines.push(...workLines(report.figures.filter((figure) => figure.work === work)));
  }
  if (report.notes.length > 0) lines.push('', ...report.notes.map((note) => `note: ${note}`));
  return lines.join('\n');
}

function verdictLine({ goal, met, measured }: Verdict, paint: Paint): string {
  const mark = met === null ? paint('dim', '-    ') : met ? paint('green', 'ok   ') : paint('red', 'SHORT');
  return `${mark} ${goal}: ${measured}`;
}

function workLines(figures: Figure[]): string[] {
  const lines: string[] = [];
  const widest = (key: 'metric' | 'subject') => Math.max(...figures.map((figure) => figure[key].length)) + 2;
  const [metricWidth, subjectWidth] = [widest('metric'), widest('subject')];
  for (const metric of new Set(figures.map((figure) => figure.metric))) {
    const own = figures.filter((figure) => figure.metric === metric);
    for (const figure of own) {
      const value = median(figure.values);
      const told = value === null ? 'not measured' : `${short(value)} ${figure.unit}`;
      const ratios = [names.blind, names.haproxy]
        .map((name) => own.find((other) => other.subject === name && other !== figure))
        .filter((other) => other !== undefined)
        .map((other) => ({ other, ratio: pairedRatio(figure.values, other.values) }))
        .filter(({ ratio }) => ratio !== null)
        .map(({ other, ratio }) => `${ratio!.toFixed(2)} x ${other.subject}`);
      lines.push(
        `  ${metric.padEnd(metricWidth)}${figure.subject.padEnd(subjectWidth)}${told.padStart(21)}   ${ratios.join('   ')}`.trimEnd(),
      );
    }
  }
  return lines;
}
