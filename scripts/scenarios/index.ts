/** Every scenario. */
import { scenario as a } from './a.ts';
import { scenario as c } from './c.ts';
import { scenario as d } from './d.ts';
import { scenario as f } from './f.ts';
import { scenario as g } from './g.ts';
import type { Scenario, Variant } from './types.ts';

export const scenarios: readonly Scenario[] = [a, c, d, f, g];

export const variants: readonly Variant[] = scenarios.flatMap((scenario) => scenario.variants);
