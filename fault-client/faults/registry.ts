import { didYouMean } from '../../protos/text/nearest.ts';
import { shapingFaults } from '../shaping/faults.ts';
import { tlsForgeFaults } from '../tls-forge/faults.ts';
import type { Fault } from './fault.ts';
import { grpcFaults } from './grpc/faults.ts';
import { brokenHeadFaults } from './h1/broken-heads.ts';
import { conversationFaults } from './h1/conversations.ts';
import { h1Faults } from './h1/faults.ts';
import { smugglingFaults } from './h1/smuggling.ts';
import { h2Faults } from './h2/faults.ts';
import { coalesced } from './proxy/coalesced.ts';
import { shortLength } from './proxy/short-length.ts';
import { headerThen } from './proxy/then.ts';
import { twoHeaders } from './proxy/two-headers.ts';
import { v1Faults } from './proxy/v1-vectors.ts';
import { v2Faults } from './proxy/v2-vectors.ts';
import { connectFin } from './tcp/connect-fin.ts';
import { connectRst } from './tcp/connect-rst.ts';
import { connectSilence } from './tcp/connect-silence.ts';
import { crowd } from './tcp/crowd.ts';
import { script } from './tcp/script.ts';
import { bytesFaults, helloTwice } from './tls/bytes.ts';
import { close } from './tls/close.ts';
import { helloBytewise, helloPadded, helloRecords } from './tls/hello-shapes.ts';
import { noCloseNotify } from './tls/no-close-notify.ts';
import { proxyInside } from './tls/proxy-inside.ts';
import { renegotiate } from './tls/renegotiate.ts';
import { resume } from './tls/resume.ts';
import { stall } from './tls/stall.ts';
import { tinyRecords } from './tls/tiny-records.ts';

/** Every fault, in the order they are listed. */
export const faults: readonly Fault[] = [
  ...v1Faults,
  ...v2Faults,
  shortLength,
  ...twoHeaders,
  coalesced,
  headerThen,
  connectFin,
  connectRst,
  connectSilence,
  crowd,
  script,
  ...shapingFaults,
  ...bytesFaults,
  helloTwice,
  proxyInside,
  stall,
  close,
  helloBytewise,
  helloRecords,
  helloPadded,
  tinyRecords,
  noCloseNotify,
  resume,
  renegotiate,
  ...tlsForgeFaults,
  ...h1Faults,
  ...brokenHeadFaults,
  ...conversationFaults,
  ...smugglingFaults,
  ...h2Faults,
  ...grpcFaults,
];

/** Throws for an unknown id, with the one that is nearest. */
export function findFault(id: string): Fault {
  const found = faults.find((one) => one.id === id);
  if (found) return found;
  const near = didYouMean(
    id,
    faults.map((fault) => fault.id),
  );
  throw new Error(`unknown fault "${id}": ${near}fault-client --list shows all of them`);
}
