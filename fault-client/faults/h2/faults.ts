import type { Fault } from '../fault.ts';
import { endFaults } from './ends.ts';
import { floodFaults } from './floods.ts';
import { frameFaults } from './frame-rules.ts';
import { headerBlockFaults } from './header-blocks.ts';
import { headerFloodFaults } from './header-floods.ts';
import { legalFaults } from './legal.ts';
import { madeYouReset } from './made-you-reset.ts';
import { messageFaults } from './messages.ts';
import { streamFaults } from './streams.ts';
import { h2cUpgrade } from './upgrade.ts';

/** HTTP/2 faults are frames by hand after TLS. */
export const h2Faults: Fault[] = [
  ...endFaults,
  ...frameFaults,
  ...streamFaults,
  ...headerBlockFaults,
  ...messageFaults,
  ...floodFaults,
  ...headerFloodFaults,
  madeYouReset,
  ...legalFaults,
  h2cUpgrade,
];
