import type { ConfigurationDouble, ListenerConfig } from './double.ts';

/** Proxies that read a key of their configuration and do nothing with it. */
export const configurationDoubles: ConfigurationDouble[] = [
  {
    name: 'allowlist-fails-open',
    lie: 'lets everybody in, whatever policy.allowlist says',
    standsFor: 'wiretracer 1.50: an allowlist of bad entries allows all',
    change: without('policy', 'allowlist'),
  },
  {
    name: 'certificate-not-asked-for',
    lie: 'asks no client for a certificate, whatever tls.require_client_cert says',
    standsFor: 'wiretracer 1.50: `bool("false")` is true, and the other way round nothing is checked',
    change: without('tls', 'require_client_cert', 'client_ca'),
  },
  {
    name: 'upstream-unverified',
    lie: 'takes any certificate of the upstream',
    standsFor: 'every proxy with `verify: none` left over from a test',
    unseen: 'nothing could be dialled, so nothing was to be verified',
    change: (listener) => {
      if (listener.upstream.tls !== true || listener.upstream.verify === false) return false;
      listener.upstream.verify = false;
      return true;
    },
  },
  {
    name: 'trusts-everybody',
    lie: 'believes a PROXY header of anybody, whatever proxy_protocol.trusted says',
    standsFor: 'wiretracer 1.50: no list of trusted peers, so any client can claim an address',
    change: without('proxy_protocol', 'trusted'),
  },
  {
    name: 'nothing-redacted',
    lie: 'writes down what logging.redact_* names',
    standsFor: 'wiretracer 1.50: the query is never redacted, metadata only when it is listed',
    change: (listener) => {
      const { logging } = listener;
      if (logging.redact_headers === undefined && logging.redact_query === undefined) return false;
      Object.assign(logging, { redact_headers: [], redact_query: [] });
      return true;
    },
  },
  {
    name: 'limits-unread',
    lie: 'waits 30 and 120 s, whatever the time limits of policy say',
    standsFor: 'wiretracer 1.50: read_timeout and idle_timeout are never loaded',
    change: without('policy', 'read_timeout', 'idle_timeout'),
  },
  {
    name: 'sample-rate-unread',
    lie: 'writes every event, whatever logging.sample_rate says',
    standsFor: 'wiretracer 1.50: sample_rate is parsed and never used',
    unseen: 'a failed exchange is on record whatever the rate',
    change: without('logging', 'sample_rate'),
  },
];

function without(section: keyof ListenerConfig, ...keys: string[]): (listener: ListenerConfig) => boolean {
  return (listener) => {
    const settings = listener[section];
    const present = keys.filter((key) => settings?.[key] !== undefined);
    for (const key of present) delete settings![key];
    return present.length > 0;
  };
}
