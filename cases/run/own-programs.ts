import { fileURLToPath } from 'node:url';
import { commandOf } from './program.ts';

/** Commands of other programs than those of the package. */
export type ProgramCommands = { proxy?: string; faultServer?: string; faultClient?: string };

export function faultServerCommand(given: string | undefined, certificates: string): string[] {
  return commandOf(given, ownProgram('fault-server', ['--control', '--certs', certificates]));
}

export function faultClientCommand(given: string | undefined, certificates: string): string[] {
  return commandOf(given, ownProgram('fault-client', ['--control', '--certs', certificates]));
}

export function proxyCommand(given: string | undefined): string[] {
  return commandOf(given, ownProgram('proxy', ['--config', '{config}', '--headless']));
}

/** One of the package's own programs, by this Node. */
function ownProgram(folder: string, args: string[]): string[] {
  return [process.execPath, fileURLToPath(new URL(`../../${folder}/bin.mjs`, import.meta.url)), ...args];
}
