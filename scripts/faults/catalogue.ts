import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type FaultProgram = 'fault-server' | 'fault-client';
export const faultPrograms: readonly FaultProgram[] = ['fault-server', 'fault-client'];

/** A fault as `--list --json` prints it. */
export type ListedFault = {
  id: string;
  layer: string;
  summary: string;
  peerMustSee: string;
  spec: string | null;
  params: { properties: Record<string, { type?: string; enum?: string[]; default?: unknown }> };
};

/** What a program says of its faults, asked as its users ask. */
export function faultsOf(program: FaultProgram): ListedFault[] {
  return askJson(`../../${program}/bin.mjs`, '--list', '--json') as ListedFault[];
}

/** The cases of the catalogue with the faults they inject. */
export function listedCases(): {
  tid: string;
  file: string;
  line: number;
  faults: { program: string; id: string }[];
}[] {
  return askJson('../../cases/bin.mjs', '--list=json') as ReturnType<typeof listedCases>;
}

function askJson(program: string, ...args: string[]): unknown {
  const bin = fileURLToPath(new URL(program, import.meta.url));
  return JSON.parse(execFileSync(process.execPath, [bin, ...args], { encoding: 'utf8', maxBuffer: 1 << 28 }));
}
