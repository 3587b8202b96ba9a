/** Doubles that tell header fields wrongly. */
import type { EventRecord } from '../../../protos/records/records.ts';
import type { RecordDouble } from '../double.ts';
import { onEvent, onMessages } from './changes.ts';

export const headers: RecordDouble[] = [
  {
    name: 'duplicates-merged',
    lie: 'keeps only the last of the fields with one name',
    standsFor: 'wiretracer 1.50: two Set-Cookie become one',
    filter: onMessages(({ raw_headers }) => ({
      raw_headers: raw_headers.filter(
        ([name], index) =>
          !raw_headers.slice(index + 1).some(([other]) => other.toLowerCase() === name.toLowerCase()),
      ),
    })),
  },
  {
    name: 'names-lowercased',
    lie: 'writes the field names of HTTP/1.1 in lower case',
    standsFor: 'every proxy that holds HTTP/1.1 in HTTP/2 terms: Envoy by default',
    unseen: 'a request that no server accepted: its client tells what it asked for, not how it was written',
    filter: onMessages(({ raw_headers, headers: map, ...message }) => ({
      headers: Object.fromEntries(Object.entries(map).map(([name, value]) => [name.toLowerCase(), value])),
      raw_headers: lowerCase(raw_headers),
      trailers: lowerCase(message.trailers),
    })),
  },
  {
    name: 'fields-sorted',
    lie: 'writes the fields in the order of their names, not in the order they came',
    standsFor: 'a proxy that keeps headers in a map; the order is part of a fingerprint',
    unseen:
      'the order of pseudo-headers is told by a fingerprint alone; of several connections a client tells the last',
    filter: onMessages(({ raw_headers }) => ({
      raw_headers: raw_headers.toSorted(([left], [right]) => order(left, right)),
    })),
  },
  {
    name: 'trailers-as-headers',
    lie: 'tells the trailers of an answer as fields of its head',
    standsFor: 'wiretracer 1.50: response trailers are merged into response.headers; mitmproxy #2474',
    filter: onEvent((event) => {
      const { raw_headers, trailers } = event.response;
      return {
        ...event,
        response: { ...event.response, raw_headers: [...raw_headers, ...trailers], trailers: [] },
      };
    }),
  },
  {
    name: 'authority-rewritten',
    lie: 'tells the upstream as the authority that the client asked for',
    standsFor: 'wiretracer 1.50: Host and :authority are those of the upstream',
    unseen: 'a request that a fault wrote and no server accepted',
    filter: onEvent((event) => {
      if (event.request.authority === null) return event;
      const authority = event.upstream_addr;
      const renamed = ([name, value]: [string, string]): [string, string] =>
        /^(host|:authority)$/i.test(name) ? [name, authority] : [name, value];
      const request: EventRecord['request'] = {
        ...event.request,
        authority,
        headers: Object.fromEntries(Object.entries(event.request.headers).map(renamed)),
        raw_headers: event.request.raw_headers.map(renamed),
      };
      return { ...event, request };
    }),
  },
  {
    name: 'redacted-leaked',
    lie: 'writes a value where the configuration asks for `***`',
    standsFor: 'wiretracer 1.50: set-cookie, the query and gRPC metadata are never redacted',
    filter: onMessages((message) => {
      const leaked = (text: string) => text.replaceAll('***', 'Bearer s3cret');
      return {
        ...('path' in message && message.path !== null ? { path: leaked(message.path) } : {}),
        headers: Object.fromEntries(
          Object.entries(message.headers).map(([name, value]) => [name, leaked(value)]),
        ),
        raw_headers: message.raw_headers.map(([name, value]): [string, string] => [name, leaked(value)]),
      };
    }),
  },
];

function lowerCase(fields: [string, string][]): [string, string][] {
  return fields.map(([name, value]) => [name.toLowerCase(), value]);
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
