/** The part of a writable stream that is needed. */
type Output = { write(text: string): unknown; cork(): void; uncork(): void };

/**
 * Writes lines; those of one turn of the event loop go out in one system call. Under a flood every observation is a line, and
 * each write of its own also wakes the reader. `later` runs its argument at the end of the turn (setImmediate); what ends the
 * program before that has to `uncork`.
 */
export function writtenTogether(output: Output, later: (then: () => void) => void): (text: string) => void {
  let waits = false;
  return (text) => {
    if (!waits) {
      waits = true;
      output.cork();
      later(() => {
        waits = false;
        output.uncork();
      });
    }
    output.write(text);
  };
}
