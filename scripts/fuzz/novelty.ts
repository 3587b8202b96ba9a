/** Whether a result shows something that none before it has: how the fuzzer knows which inputs to go on from. */
export type Novelty = { isNew(result: unknown): boolean };

/** Values of text that count under one place; a peer chooses some texts, and every one would be new. */
const textsOfAPlace = 48;

/**
 * By the shape of results: which keys, how many entries and how large numbers by powers of two, which words. The same results
 * in the same order give the same answers, so that a seed repeats a run.
 */
export function createNovelty(): Novelty {
  const seen = new Set<string>();
  const texts = new Map<string, number>();
  let fresh = false;

  const show = (feature: string): void => {
    if (seen.has(feature)) return;
    seen.add(feature);
    fresh = true;
  };
  const showText = (place: string, text: string): void => {
    const feature = `${place}=${text.length <= 60 ? text.replace(/\d+/g, '#') : ''}`;
    show(`${place}~${magnitude(text.length)}`);
    if (seen.has(feature)) return;
    const known = texts.get(place) ?? 0;
    if (known >= textsOfAPlace) return;
    texts.set(place, known + 1);
    show(feature);
  };
  const walk = (value: unknown, place: string, depth: number): void => {
    if (typeof value === 'string') showText(place, value);
    else if (typeof value === 'number') show(`${place}#${magnitude(value)}`);
    else if (typeof value !== 'object' || value === null) show(`${place}:${String(value)}`);
    else if (Array.isArray(value)) {
      show(`${place}[${magnitude(value.length)}`);
      if (depth < 8) for (const item of value.slice(0, 64)) walk(item, `${place}[]`, depth + 1);
    } else if (depth < 8) {
      for (const key of Object.keys(value).slice(0, 64))
        walk((value as Record<string, unknown>)[key], `${place}.${key}`, depth + 1);
    }
  };
  return {
    isNew(result) {
      fresh = false;
      walk(result, '', 0);
      return fresh;
    },
  };
}

function magnitude(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return `${value < 0 ? '-' : ''}${size < 4 ? Math.floor(size) : `2^${Math.floor(Math.log2(size))}`}`;
}
