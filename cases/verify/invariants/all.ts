import type { Invariant } from '../case-view.ts';
import { addresses } from './addresses.ts';
import { answers } from './answers.ts';
import { asked } from './asked.ts';
import { bodies } from './bodies.ts';
import { carried } from './carried.ts';
import { ending } from './ending.ts';
import { ends } from './ends.ts';
import { flags } from './flags.ts';
import { h1Sizes } from './h1-sizes.ts';
import { h2Control } from './h2-control.ts';
import { h2Ends } from './h2-ends.ts';
import { h2Frames } from './h2-frames.ts';
import { h2Preface } from './h2-preface.ts';
import { h2Settings } from './h2-settings.ts';
import { lifecycle } from './lifecycle.ts';
import { localReplies } from './local-replies.ts';
import { phases } from './phases.ts';
import { proxyHeader } from './proxy-header.ts';
import { redis } from './redis.ts';
import { requests } from './requests.ts';
import { responses } from './responses.ts';
import { schema } from './schema.ts';
import { timing } from './timing.ts';
import { tls } from './tls.ts';
import { twiceTold } from './twice-told.ts';
import { words } from './words.ts';

/** Kept by every case, whatever it wrote down. */
export const invariants: Invariant[] = [
  schema,
  lifecycle,
  addresses,
  proxyHeader,
  tls,
  timing,
  asked,
  requests,
  responses,
  localReplies,
  answers,
  bodies,
  h1Sizes,
  carried,
  ending,
  ends,
  words,
  phases,
  flags,
  h2Control,
  h2Settings,
  h2Frames,
  h2Preface,
  h2Ends,
  twiceTold,
  redis,
];
