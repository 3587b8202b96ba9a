import { join } from 'node:path';
import { stringify } from 'yaml';
import { isObject } from '../json.ts';
import type { PlannedListener } from './plan.ts';

/**
 * The YAML configuration of one proxy process: every listener with its upstream's real address. `listenAt` names the address
 * of a listener for a program that cannot tell which one it was given.
 */
export function proxyConfig(
  listeners: PlannedListener[],
  upstreamAddress: (listener: PlannedListener) => string,
  jsonlPath: string,
  certificates: string,
  listenAt: (listener: PlannedListener) => string = ({ config }) => config.listen,
): string {
  const entries = listeners.map((listener) => {
    const { tls, ...config } = listener.config;
    const settings = {
      name: listener.name,
      ...config,
      listen: listenAt(listener),
      ...(tls === false ? {} : { tls }),
      upstream: { addr: upstreamAddress(listener), ...config.upstream },
      logging: { ...config.logging, jsonl_path: jsonlPath },
    };
    return withFixturePaths(settings, certificates);
  });
  return stringify({ listeners: entries });
}

/** `fixture:server` becomes the path of server.crt, or of server.key where the key of the map says so; with a suffix it is a file name. */
export function withFixturePaths(value: unknown, certificates: string, key = ''): unknown {
  if (typeof value === 'string' && value.startsWith('fixture:')) {
    const name = value.slice('fixture:'.length);
    return join(
      certificates,
      /\.(crt|key|crl)$/.test(name) ? name : `${name}.${/(^|_)key$/.test(key) ? 'key' : 'crt'}`,
    );
  }
  if (Array.isArray(value)) return value.map((item) => withFixturePaths(item, certificates, key));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, withFixturePaths(item, certificates, name)]),
  );
}
