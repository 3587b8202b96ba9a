import { fileURLToPath } from 'node:url';
import { UsageError } from '../exit-codes.ts';
import { commandOf } from './program.ts';

/** Commands of other programs than those of the package. */
export type ProgramCommands = { proxy?: string; faultServer?: string; faultClient?: string };

export function faultServerCommand(given: string | undefined, certificates: string): string[] {
  return commandOf(given, ownProgram('fault-server', ['--control', '--certs', certificates]));
}

export function faultClientCommand(given: string | undefined, certificates: string): string[] {
  return commandOf(given, ownProgram('fault-client', ['--control', '--certs', certificates]));
}

/** @throws UsageError for a command that would never learn its configuration */
export function proxyCommand(given: string | undefined): string[] {
  const words = commandOf(given, ownProgram('proxy', ['--config', '{config}', '--headless']));
  if (words.some((word) => word.includes('{config}'))) return words;
  throw new UsageError(
    `the command of the proxy has no {config}: ${given}\nwrite it where the program takes its configuration file, as in "node proxy/bin.mjs --config {config} --headless"`,
  );
}

/** One of the package's own programs, by this Node. */
function ownProgram(folder: string, args: string[]): string[] {
  return [process.execPath, fileURLToPath(new URL(`../../${folder}/bin.mjs`, import.meta.url)), ...args];
}
