/** Every scenario. */
import { scenario as a } from './a.ts';
import { scenario as b } from './b/scenario.ts';
import { scenario as c } from './c.ts';
import { scenario as d } from './d.ts';
import { scenario as e } from './e.ts';
import { scenario as f } from './f.ts';
import { scenario as g } from './g.ts';
import { scenario as h } from './h.ts';
import { scenario as i } from './i.ts';
import { scenario as j } from './j.ts';
import { scenario as k } from './k.ts';
import { scenario as l } from './l.ts';
import type { Scenario, Variant } from './types.ts';

export const scenarios: readonly Scenario[] = [a, b, c, d, e, f, g, h, i, j, k, l];

export const variants: readonly Variant[] = scenarios.flatMap((scenario) => scenario.variants);
