/** Counts whole gRPC messages in a byte stream: five bytes of prefix with the length in the last four, then the message. */
export class MessageCount {
  messages = 0;
  /** Called with the compressed flag of each message as its prefix has come. */
  onPrefix: (compressed: boolean) => void = () => {};
  #prefix = '';
  #left = 0;

  add(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at);
        this.#left -= taken;
        at += taken;
        if (this.#left === 0) this.messages++;
        continue;
      }
      const taken = Math.min(10 - this.#prefix.length, (chunk.length - at) * 2) / 2;
      this.#prefix += chunk.toString('hex', at, at + taken);
      at += taken;
      if (this.#prefix.length < 10) return;
      this.onPrefix(this.#prefix.startsWith('01'));
      this.#left = Number.parseInt(this.#prefix.slice(2), 16);
      this.#prefix = '';
      if (this.#left === 0) this.messages++;
    }
  }
}
