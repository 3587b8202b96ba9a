import type { Invariant } from '../case-view.ts';
import { lifecycle } from './lifecycle.ts';
import { schema } from './schema.ts';

export const invariants: Invariant[] = [schema, lifecycle];
