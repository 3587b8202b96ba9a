/** What a CPU profile of V8 says: where the time of a process went, by function. */

export type CpuProfile = {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  samples: number[];
  /** Microseconds. */
  timeDeltas: number[];
};

export type SelfTime = { name: string; milliseconds: number; share: number };

/** The functions with the most self time; `share` is of all time the process was not idle. */
export function topFunctions(profile: CpuProfile, count: number): SelfTime[] {
  const nameOf = new Map(profile.nodes.map((node) => [node.id, frameName(node.callFrame)]));
  const microseconds = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const name = nameOf.get(id)!;
    microseconds.set(name, (microseconds.get(name) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  microseconds.delete('(idle)');
  const total = [...microseconds.values()].reduce((sum, value) => sum + value, 0);
  return [...microseconds]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, value]) => ({ name, milliseconds: value / 1000, share: total > 0 ? value / total : 0 }));
}

export function profileText(work: string, path: string, top: readonly SelfTime[]): string {
  const rows = top.map(
    ({ name, milliseconds, share }) =>
      `  ${milliseconds.toFixed(0).padStart(7)} ms ${(share * 100).toFixed(1).padStart(5)} %  ${name}`,
  );
  return [`${work}: self time without idle, from ${path}`, ...rows].join('\n');
}

/** `function folder/file.ts:line`; what V8 does itself has no file. */
function frameName({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  return `${name} ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
}
