import type { CaseInstance } from '../load/catalog.ts';
import { valueName } from '../load/matrix.ts';

/** One case in both modes, under its name without the mode. */
export type Pair = { tid: string; native: CaseInstance; emulated: CaseInstance };

/** Every case whose matrix has `grpc` and `grpc_native` among its values and which exists in both. */
export function modePairs(cases: CaseInstance[]): Pair[] {
  const byKey = new Map<string, { native?: CaseInstance; emulated?: CaseInstance }>();
  for (const instance of cases) {
    const names = Object.values(instance.variables).map(valueName);
    const mode = names.includes('grpc_native') ? 'native' : names.includes('grpc') ? 'emulated' : null;
    if (mode === null) continue;
    const others = names.map((name) => (name === 'grpc' || name === 'grpc_native' ? null : name));
    const key = [instance.base, ...others.filter((name) => name !== null)].join('.');
    byKey.set(key, { ...byKey.get(key), [mode]: instance });
  }
  return [...byKey].flatMap(([tid, { native, emulated }]) =>
    native && emulated ? [{ tid, native, emulated }] : [],
  );
}
