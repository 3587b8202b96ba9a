import { expect, test } from 'vitest';
import type { ClientSpec } from '../../protos/control/fault-client.ts';
import type { PlannedCase, PlannedListener } from '../plan/plan.ts';
import type { FaultClient } from '../run/fault-client.ts';
import type { FaultServer } from '../run/fault-server.ts';
import { directRuns } from './direct-run.ts';

test('a client waits as long as it would through the proxy: on a slow machine too', async () => {
  const specs: ClientSpec[] = [];
  const server = { open: async () => ({ address: '127.0.0.1:9' }) } as unknown as FaultServer;
  const client = {
    run: (spec: ClientSpec) => {
      specs.push(spec);
      return { done: Promise.resolve({ result: { exchanges: [] } }), cancel: () => undefined };
    },
  } as unknown as FaultClient;
  const runs = directRuns(server, client, new Promise(() => undefined));
  const planned = {
    instance: { tid: 'x', tags: [], expect: { records: [] } },
    clients: [
      { name: 'own', after: null, spec: { proto: 'h1', timeoutMs: 900 } },
      { name: 'usual', after: null, spec: { proto: 'h1' } },
    ],
    counted: false,
    bystanderKey: null,
  } as unknown as PlannedCase;
  const listener = {
    endpoint: { name: 'x', kind: 'http' },
    config: { tls: false, upstream: { tls: false } },
  } as unknown as PlannedListener;
  const options = { owner: 'x', timeoutMs: 30_000, timeScale: 3, nextSourceAddress: () => null };
  const direct = await runs.run(planned, listener, options);
  expect(direct).toMatchObject({ looks: [{ missing: [] }] });
  expect(specs.map(({ timeoutMs }) => timeoutMs)).toEqual([2700, 28_500]);
});
