import type { WireDouble } from '../double.ts';
import { h1Wire } from './h1.ts';
import { h2Wire } from './h2.ts';
import { tcpWire } from './tcp.ts';

export const wireDoubles: WireDouble[] = [...h1Wire, ...h2Wire, ...tcpWire];
