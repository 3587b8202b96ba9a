import type { CaseView } from '../verify/case-view.ts';

/** Whether an end was asked to misbehave. */
export function hasFault({ instance, evidence }: CaseView): boolean {
  const { upstream } = instance;
  return (
    (typeof upstream === 'object' && (upstream.kind === 'raw' || upstream.fault !== undefined)) ||
    evidence.clients.some(({ spec }) => spec.fault !== undefined || spec.proto === 'raw')
  );
}
