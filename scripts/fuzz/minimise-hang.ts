import type { Step } from '../../protos/testing/fuzz-target.ts';
import type { Found } from './hunt.ts';
import type { ListedTarget } from './targets.ts';
import { runThread } from './thread.ts';

/** Every try costs a thread and its wait. */
const tries = 24;
const longestWaitMs = 1000;

/** A smaller input that hangs as well: each is tried in a thread that can be ended. Halves only, so that it ends soon. */
export async function minimiseHang(
  { name, file }: ListedTarget,
  finding: Found,
  hangMs: number,
): Promise<Found> {
  let best = finding.steps;
  let left = tries;
  const hangs = async (steps: Step[]): Promise<boolean> => {
    if (left-- <= 0) return false;
    let hung = false;
    await runThread({
      hangMs: Math.min(hangMs, longestWaitMs),
      job: { kind: 'replay', inputs: [{ name, file, inputs: [{ name: '', steps }] }] },
      found: ({ kind }) => {
        hung ||= kind === 'hang';
      },
    });
    return hung;
  };
  for (let index = best.length - 1; index >= 0 && best.length > 1; index--) {
    const shorter = best.toSpliced(index, 1);
    if (await hangs(shorter)) best = shorter;
  }
  for (let index = 0; index < best.length; index++) {
    for (let size = best[index]!.bytes.length >> 1; size > 0 && left > 0; size >>= 1) {
      const { from, bytes } = best[index]!;
      for (const part of [bytes.subarray(0, bytes.length - size), bytes.subarray(size)]) {
        const shorter = best.with(index, { from, bytes: Buffer.from(part) });
        if (!(await hangs(shorter))) continue;
        best = shorter;
        break;
      }
    }
  }
  return { ...finding, steps: best };
}
