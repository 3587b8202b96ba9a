import { join } from 'node:path';
import { runChild } from '../children.ts';
import { programs } from '../subjects/subject.ts';

export { warmMessages as streamWarmMessages } from './one-stream.ts';

import type { OpenLoopResult } from './open-loop.ts';

const program = join(programs, 'grpc-load.ts');

async function run<T>(...args: (string | number)[]): Promise<T> {
  return JSON.parse(await runChild(process.execPath, [program, ...args.map(String)])) as T;
}

export const floodCalls = (port: number, calls: number): Promise<{ seconds: number }> =>
  run('calls', port, calls);

export const callsAtRate = (port: number, rate: number, seconds: number): Promise<OpenLoopResult> =>
  run('rate', port, rate, seconds);

export const streamMessages = (port: number, messages: number): Promise<{ seconds: number }> =>
  run('stream', port, messages);
