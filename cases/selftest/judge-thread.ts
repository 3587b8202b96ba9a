import { parentPort } from 'node:worker_threads';
import { judge, type Task, type Verdict } from './judge.ts';

/** One case at a time: what a thread is sent, and what it answers. */
export type ThreadTask = Task;
export type ThreadAnswer = Verdict;

parentPort?.on('message', (task: ThreadTask) => parentPort?.postMessage(judge(task) satisfies ThreadAnswer));
