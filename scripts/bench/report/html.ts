/** The report as one page: no script, nothing from elsewhere, readable in light and dark. */
import { short } from '../goals.ts';
import { median } from '../statistics.ts';
import type { Figure, Report } from '../types.ts';

export function reportHtml(report: Report, titles: Record<string, string>): string {
  const { machine } = report;
  const works = [...new Set(report.figures.map((figure) => figure.work))];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wiretracer benchmark</title>
<style>${style}</style>
</head>
<body>
<h1>wiretracer benchmark</h1>
<p>${escaped(`${machine.cpus} x ${machine.model}, Node ${machine.node}, load by ${machine.loader}; medians of ${report.rounds} rounds, effort ${report.effort}`)}</p>
<table>
<caption>Goals, what falls short first</caption>
<thead><tr><th scope="col">Result</th><th scope="col">Goal</th><th scope="col">Measured</th></tr></thead>
<tbody>
${report.verdicts.map(({ goal, met, measured }) => `<tr class="${met === null ? 'unknown' : met ? 'ok' : 'short'}"><td>${met === null ? 'not judged' : met ? 'ok' : 'SHORT'}</td><td>${escaped(goal)}</td><td>${escaped(measured)}</td></tr>`).join('\n')}
</tbody>
</table>
${works.map((work) => workSection(work, titles[work] ?? '', report.figures)).join('\n')}
${report.notes.length > 0 ? `<h2>Notes</h2>\n<ul>${report.notes.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul>` : ''}
</body>
</html>
`;
}

function workSection(work: string, title: string, figures: readonly Figure[]): string {
  const own = figures.filter((figure) => figure.work === work);
  const metrics = [...new Set(own.map((figure) => figure.metric))];
  const charts = metrics.map((metric) =>
    chart(
      metric,
      own.filter((figure) => figure.metric === metric),
    ),
  );
  return `<section><h2>${escaped(work)}</h2><p>${escaped(title)}</p>\n${charts.join('\n')}</section>`;
}

const [labelWidth, barWidth, valueWidth, rowHeight] = [220, 420, 160, 24];

/** One bar for each subject, from zero; beside it the median, and as a line the span of the rounds. */
function chart(metric: string, figures: readonly Figure[]): string {
  const measured = figures.map((figure) => ({ figure, value: median(figure.values) }));
  const ends = figures.flatMap((figure) => figure.values.filter((value) => value !== null));
  const most = Math.max(0, ...ends) || 1;
  const x = (value: number) => (Math.max(0, value) / most) * barWidth;
  const { better, unit } = figures[0]!;
  const rows = measured.map(({ figure, value }, row) => {
    const y = row * rowHeight;
    const values = figure.values.filter((each) => each !== null);
    const label = `<text x="${labelWidth - 8}" y="${y + 16}" text-anchor="end">${escaped(figure.subject)}</text>`;
    const told = value === null ? 'not measured' : `${short(value)} ${unit}`;
    const text = `<text x="${labelWidth + barWidth + 8}" y="${y + 16}">${escaped(told)}</text>`;
    if (value === null) return label + text;
    const [low, high] = [x(Math.min(...values)), x(Math.max(...values))].map((end) =>
      round(labelWidth + end),
    );
    return (
      label +
      `<rect class="${figure.subject === 'wiretracer' ? 'own' : 'other'}" x="${labelWidth}" y="${y + 4}" width="${round(x(value))}" height="${rowHeight - 8}"/>` +
      `<line x1="${low}" x2="${high}" y1="${y + rowHeight / 2}" y2="${y + rowHeight / 2}"/>` +
      text
    );
  });
  const caption = `${metric}, ${better === 'more' ? 'more is better' : 'less is better'}`;
  return `<figure><figcaption>${escaped(caption)}</figcaption>
<svg role="img" aria-label="${escaped(caption)}" viewBox="0 0 ${labelWidth + barWidth + valueWidth} ${measured.length * rowHeight}">
${rows.join('\n')}
</svg></figure>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --own: #0a58ca; --other: #8c959f; --short: #b42318; --ok: #19703a; --rule: #d0d7de; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --own: #58a6ff; --other: #6e7681; --short: #ff7b72; --ok: #56d364; --rule: #30363d; }
}
body { margin: 2rem auto; max-width: 56rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: bold; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
tr.short td:first-child { color: var(--short); font-weight: bold; }
tr.ok td:first-child { color: var(--ok); }
figure { margin: 1rem 0; }
svg { width: 100%; height: auto; font-size: 13px; fill: var(--ink); }
rect.own { fill: var(--own); }
rect.other { fill: var(--other); }
line { stroke: var(--ink); stroke-width: 1; }
`;
