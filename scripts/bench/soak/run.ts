import { setTimeout as wait } from 'node:timers/promises';
import { startH2Upstream } from '../subjects/upstream.ts';
import { givesWay, startGenerators } from './generators.ts';
import { residentBytes } from './machine.ts';
import type { Failures } from './messages.ts';
import { startProxy } from './proxy.ts';
import { type Summary, summarize } from './record-file.ts';
import type { Sample } from './trend.ts';

export type Plan = {
  idle: number;
  active: number;
  minutes: number;
  ratePerConnection: number;
  concurrency: number;
  generators: number;
  workers: number;
  nodeFlags: string[];
};

export type Outcome = {
  rampUpS: number;
  /** Resident set of the proxy before the first connection, and while all were held. */
  rssBefore: number;
  rss: Sample[];
  held: number;
  answered: number;
  failures: Failures;
  records: Summary;
};

/** The resident set is looked at this often, and in a short run twenty times. */
const SAMPLE_MS = 5000;

/** Ramp up, hold, close, stop; `signal` ends it early with every child process ended. */
export async function soak(
  plan: Plan,
  folder: string,
  certs: string,
  signal: AbortSignal,
  progress: (text: string) => void,
): Promise<Outcome> {
  const ends: (() => Promise<void>)[] = [];
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  interrupted.catch(() => {});
  try {
    const upstream = givesWay(await startH2Upstream(certs, folder));
    ends.push(upstream.stop);
    const proxy = await startProxy({
      folder,
      certs,
      upstreamPort: upstream.port,
      maxConnections: plan.idle + plan.active + 100,
      workers: plan.workers,
      nodeFlags: plan.nodeFlags,
    });
    ends.push(proxy.stop);
    const generators = startGenerators(plan.generators);
    ends.push(generators.stop);
    const unlessOver = <T>(work: Promise<T>): Promise<T> => Promise.race([work, proxy.died, interrupted]);

    const rssBefore = residentBytes(proxy.pid);
    const startedAt = performance.now();
    progress('ramp-up');
    const { idle, active, concurrency } = plan;
    await unlessOver(generators.open(proxy.port, idle, active, concurrency));
    const rampUpS = (performance.now() - startedAt) / 1000;

    const heldFrom = performance.now();
    const holdMs = plan.minutes * 60_000;
    const endsAt = heldFrom + holdMs;
    const rss: Sample[] = [];
    generators.send(plan.ratePerConnection);
    for (;;) {
      const now = performance.now();
      rss.push({ atS: (now - heldFrom) / 1000, value: residentBytes(proxy.pid) });
      progress(
        `${((endsAt - now) / 60_000).toFixed(1)} min left, ${(rss.at(-1)!.value / 1e6).toFixed(0)} MB`,
      );
      if (now >= endsAt) break;
      await unlessOver(wait(Math.min(SAMPLE_MS, holdMs / 20, endsAt - now)));
    }
    progress('closing');
    const tally = await unlessOver(generators.close());
    await proxy.stop();
    progress('counting records');
    return { rampUpS, rssBefore, rss, ...tally, records: await summarize(proxy.jsonl) };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
