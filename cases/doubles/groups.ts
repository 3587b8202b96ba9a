import { clientDoubles } from './clients.ts';
import { configurationDoubles } from './configurations.ts';
import type { Double } from './double.ts';
import { recordDoubles } from './records/all.ts';
import { serverDoubles } from './servers.ts';
import { specialDoubles } from './special.ts';
import { wireDoubles } from './wire/all.ts';

/** Doubles of a kind, under what the kind is. */
export type DoubleGroup = { title: string; doubles: Double[] };

export const groups: DoubleGroup[] = [
  { title: 'proxies that write something else than they saw', doubles: recordDoubles },
  { title: 'proxies that send something else than they received', doubles: wireDoubles },
  { title: 'proxies that do not keep to their configuration', doubles: configurationDoubles },
  {
    title: 'proxies whose file cannot be trusted',
    // The one that dies is run case by case, in doubles.test.ts: which cases it takes along follows from their order alone.
    doubles: specialDoubles.filter(({ diesOnConnection }) => diesOnConnection === undefined),
  },
  { title: 'fault-servers', doubles: serverDoubles },
  { title: 'fault-clients', doubles: clientDoubles },
];
