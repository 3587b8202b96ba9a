import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { plan } from '../plan/plan.ts';
import { proxyConfig } from '../plan/proxy-config.ts';
import { expandSources } from './catalog.ts';
import { listenerMistakes } from './listener-mistakes.ts';

const cases = `defaults:
  upstream: { kind: http }
  listener: { policy: { idle_timeout: wrong } }
cases:
  - tid: first
    title: Its own mistake
    listener:
      tls: { alpn: [h2], min_versoin: TLSv1.2 }
    client: { proto: h1 }
    expect: { records: [{ kind: conn, event: close }] }
`;

test('what the proxy says of its configuration is told at the place in the case', () => {
  const folder = mkdtempSync(join(tmpdir(), 'listener-mistakes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [source, config] = [join(folder, 'cases.yaml'), join(folder, 'proxy.yaml')];
  writeFileSync(source, cases);
  const instances = expandSources([{ path: source, text: cases }]);
  const listeners = [...plan(instances).listeners.values()];
  const text = proxyConfig(listeners, () => '127.0.0.1:1', 'records.jsonl', folder);
  writeFileSync(config, text);
  const place = (word: string) => {
    const lines = text.split('\n');
    const line = lines.findIndex((one) => one.includes(word));
    return `${config}:${line + 1}:${lines[line]!.indexOf(word) + 1}`;
  };
  const said = `Config error\n${place('min_versoin')}: unknown key\n${place('wrong')}: must be a number\n`;
  const writers = new Map(listeners.map(({ name, writer }) => [name, writer]));
  const { file } = instances[0]!;
  expect(listenerMistakes(config, said, writers)?.message.split('\n')).toEqual([
    `${file}:8:26: unknown key`,
    `${file}:3:25: must be a number`,
  ]);
  expect(listenerMistakes(config, 'it just died', writers)).toBeNull();
  expect(listenerMistakes(config, `${config}:1:1: a mistake of nobody`, writers)).toBeNull();
});
