/** Works that need no connection: a program that prints its rates, once a round. */
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { runChild } from '../children.ts';
import { programs } from '../subjects/subject.ts';
import type { Figure } from '../types.ts';

export type ProgramPlan = {
  work: string;
  subject: string;
  /** From the folder of programs. */
  program: string;
  args: string[];
  /** By the key under which the program tells them. */
  metrics: Record<string, { metric: string; unit: string }>;
};

export async function measureProgram(bench: Bench, plan: ProgramPlan): Promise<Figure[]> {
  const figures = Object.entries(plan.metrics).map(([key, { metric, unit }]): [string, Figure] => [
    key,
    { work: plan.work, subject: plan.subject, metric, unit, better: 'more', values: [] },
  ]);
  const rounds = Math.min(3, bench.rounds);
  for (let round = 1; round <= rounds; round++) {
    bench.progress(`${plan.work}: round ${round} of ${rounds}`);
    const args = [...bench.nodeFlags, join(programs, plan.program), ...plan.args];
    const told = JSON.parse(await runChild(process.execPath, args)) as Record<string, number>;
    for (const [key, figure] of figures) figure.values.push(told[key] ?? null);
  }
  return figures.map(([, figure]) => figure);
}
