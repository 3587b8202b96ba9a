import { styleText } from 'node:util';

/** What people see: one line that changes on a terminal, findings and a summary everywhere. */
export type FuzzConsole = {
  progress(text: string): void;
  /** A line that stays. */
  say(text: string, style?: 'red' | 'green' | 'bold'): void;
};

export function createConsole(
  out: NodeJS.WriteStream = process.stdout,
  err: NodeJS.WriteStream = process.stderr,
): FuzzConsole {
  const live = err.isTTY === true && process.env.CI === undefined;
  let shown = false;
  const clear = (): void => {
    if (shown) err.write('\r\x1b[K');
    shown = false;
  };
  return {
    progress(text) {
      if (!live) return;
      clear();
      err.write(text.slice(0, (err.columns ?? 80) - 1));
      shown = true;
    },
    say(text, style) {
      clear();
      // Knows NO_COLOR, FORCE_COLOR and what the stream can show.
      out.write(`${style === undefined ? text : styleText(style, text, { stream: out })}\n`);
    },
  };
}
