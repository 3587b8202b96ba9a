import type { RecordDouble } from '../double.ts';
import { connections } from './connections.ts';
import { endings } from './endings.ts';
import { exchanges } from './exchanges.ts';
import { handshakes } from './handshakes.ts';
import { headers } from './headers.ts';

export const recordDoubles: RecordDouble[] = [
  ...endings,
  ...exchanges,
  ...headers,
  ...handshakes,
  ...connections,
];
