import { constants } from 'node:os';

/** A signal that asks the suite to end. Ctrl-C, a job that is cancelled, a terminal that is closed. */
export type Interruption = { signal: AbortSignal; exitCode(): number };

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** `npm run` passes on the SIGINT that the terminal has sent to all already: one press of Ctrl-C comes twice. */
const onePressMs = 500;

const controller = new AbortController();
let isExpected = false;
let first: { code: number; atMs: number } | null = null;

for (const signal of signals) {
  process.on(signal, () => {
    const atMs = performance.now();
    if (first !== null && atMs - first.atMs < onePressMs) return;
    const isSecond = first !== null;
    first ??= { code: 128 + constants.signals[signal], atMs };
    if (isExpected && !isSecond) return controller.abort();
    if (!isSecond) process.stderr.write('interrupted before there was anything to report\n');
    process.exit(first.code);
  });
}

/**
 * From now on the first signal aborts `signal`, and the caller ends by itself with its reports; a second one ends the
 * process at once. Before, and where nobody asks, the first one does.
 */
export function expectInterruption(): Interruption {
  isExpected = true;
  return { signal: controller.signal, exitCode: () => first?.code ?? 0 };
}
