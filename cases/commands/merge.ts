import { exitCodes } from '../exit-codes.ts';
import { mergeReports } from '../report/files.ts';

export function mergeCommand(folders: string[], out: string): number {
  const { counts, problems } = mergeReports(folders, out);
  const red = counts.failed + counts.error;
  process.stdout.write(
    `${counts.passed} passed, ${red} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}\n`,
  );
  if (problems.length > 0) return exitCodes.infrastructure;
  return red > 0 || counts.notRun > 0 ? exitCodes.failures : exitCodes.ok;
}
