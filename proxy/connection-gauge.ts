/** How many connections are open, and the most that ever were at once. */
export type ConnectionGauge = { opened(): void; closed(): void; readonly max: number };

export function createConnectionGauge(): ConnectionGauge {
  let open = 0;
  let max = 0;
  return {
    opened() {
      open += 1;
      if (open > max) max = open;
    },
    closed() {
      open -= 1;
    },
    get max() {
      return max;
    },
  };
}
