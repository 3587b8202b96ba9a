import { expect, test } from 'vitest';
import type { MeasuredExchange } from '../../protos/control/fault-client.ts';
import type { CaseInstance } from '../load/catalog.ts';
import type { Evidence } from '../run/evidence.ts';
import type { Measurement } from '../run/measured/measurement.ts';
import { checkMeasured, garbageBytes } from './measured.ts';

const exchange = (duration_ms: number, more: Partial<MeasuredExchange> = {}): MeasuredExchange => ({
  started_ms: 0,
  duration_ms,
  cpu_ms: 1,
  waited_ms: 0,
  complete: true,
  ...more,
});
const served = { clients: [{ result: { outcome: 'ok' } }] } as unknown as Evidence;

function judged(measured: Partial<Measurement>, proxy: object, sockets = ['a', 'b']): string[] {
  const measurement: Measurement = {
    rssBeforeBytes: 100 << 20,
    rssPeakBytes: 100 << 20,
    exited: null,
    exchanges: { before: [exchange(1)], twin: [], attack: [exchange(1)], after: [exchange(1)] },
    bystander: served,
    twin: null,
    ...measured,
  };
  const evidence = { clients: [{ sockets }], measurement } as unknown as Evidence;
  const instance = { expect: { proxy } } as unknown as CaseInstance;
  return checkMeasured(instance, evidence).map(({ path, seen }) => `${path}: ${seen}`);
}

test('memory: the garbage of any process, and the bound for each connection', () => {
  const bound = { rss_growth_max_bytes_per_connection: 1 << 20 };
  const most = (100 << 20) + garbageBytes + (2 << 20);
  expect(judged({ rssPeakBytes: most }, bound)).toEqual([]);
  expect(judged({ rssPeakBytes: most + 1 }, bound)).toEqual([
    'rss_growth_max_bytes_per_connection: 26.0 MiB',
  ]);
  expect(judged({ rssPeakBytes: null }, bound)).toEqual(['rss: nothing']);
});

test('latency: against the floor, the time before and the twin; waiting for a processor is not counted', () => {
  const bound = { bystander: { latency_ratio_max: 2 } };
  const run = (attack: MeasuredExchange, before = 1, twin: number[] = []) =>
    judged(
      {
        exchanges: {
          before: [exchange(before)],
          twin: twin.map((ms) => exchange(ms)),
          attack: [attack],
          after: [],
        },
      },
      bound,
    );
  expect(run(exchange(40))).toEqual([]);
  expect(run(exchange(40.1))).toEqual(['bystander.latency_ratio_max: 40.1 ms']);
  expect(run(exchange(60), 30)).toEqual([]);
  expect(run(exchange(60), 1, [30])).toEqual([]);
  expect(run(exchange(80, { waited_ms: 41 }))).toEqual([]);
});

test('processor time within one exchange, by its worst', () => {
  const attack = [exchange(1), exchange(1, { cpu_ms: 61 }), exchange(1, { cpu_ms: null })];
  const exchanges = { before: [], twin: [], attack, after: [] };
  expect(judged({ exchanges }, { bystander: { cpu_delay_max_ms: 61 } })).toEqual([]);
  expect(judged({ exchanges }, { bystander: { cpu_delay_max_ms: 60 } })).toEqual([
    'bystander.cpu_delay_max_ms: 61.0 ms',
  ]);
});

test('a process that ended and a bystander that was cut are red whatever is bounded', () => {
  const cut = { clients: [{ result: { outcome: 'error', error: 'cut' } }] } as unknown as Evidence;
  expect(judged({ exited: 'killed by SIGKILL', bystander: cut, twin: cut }, {})).toEqual([
    ': killed by SIGKILL',
    'bystander: cut',
    'twin: cut',
  ]);
});
