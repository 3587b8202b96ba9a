import type { Difference } from './differences.ts';

/** Weaknesses of 1.50 that are known by name, each with the differences that give it away. The first that fits names it. */
export const knownCauses: { name: string; fits(difference: Difference): boolean }[] = [
  {
    name: 'a reset is told as a FIN',
    fits: ({ expected, seen }) =>
      /(client|upstream)_rst/.test(expected) && /(client|upstream)_fin/.test(seen),
  },
  {
    name: 'a truncated response is told as completed',
    fits: ({ field, seen }) => field.startsWith('conn close: ') && /completed|^\[\]$|"proxy"/.test(seen),
  },
  {
    name: 'an exchange that failed is told without an error',
    fits: ({ field, seen }) => field === 'event: error' && seen === 'null',
  },
  {
    name: 'an exchange that was cut off has no event',
    fits: ({ field, expected, seen }) =>
      (field === 'event' && Number(seen) < least(expected)) ||
      (field === 'events' && /as the server|one per exchange|as the client/.test(expected)),
  },
  {
    name: 'a refused or unresolvable upstream is told as a failed TLS handshake',
    fits: ({ field, seen }) => field === 'tls out fail' && seen === 'one',
  },
  {
    name: 'an alert after the handshake is not told',
    fits: ({ field, expected, seen }) =>
      (/^tls (in|out) fail$/.test(field) && seen === '0') ||
      (/^tls (in|out) ok: outcome$/.test(field) && expected === '"fail"'),
  },
  {
    name: 'a failed outbound handshake has no category and no detail',
    fits: ({ field, seen }) => /^tls out( fail)?: (category|detail)$/.test(field) && seen === 'null',
  },
  {
    name: 'events never carry the SNI',
    fits: ({ field, seen }) => field === 'event: tls.sni' && seen === 'null',
  },
  {
    name: 'content_length is never told',
    fits: ({ field, seen }) => /^event: (request|response)\.content_length$/.test(field) && seen === 'null',
  },
  {
    name: 'grpc_method keeps the query',
    fits: ({ field, seen }) => /: request\.grpc_method$/.test(field) && seen.includes('?'),
  },
  {
    name: 'JA4 is not JA4',
    fits: ({ field }) => /: fingerprints\.ja4(_raw)?$/.test(field),
  },
  {
    name: 'a connection leaves no record',
    fits: ({ field, seen }) =>
      (field === 'conn' && seen === 'none') ||
      (/^conn( \w+)?$/.test(field) && seen === '0') ||
      (field === 'connections' && seen === '0'),
  },
  {
    name: 'an event is written where none was due',
    fits: ({ field, expected, seen }) =>
      field === 'event' && ((expected === 'none' && seen === 'one') || Number(seen) > most(expected)),
  },
];

/** Of a count in words: `1`, `2 to 4`, `1 to any number`. */
function least(count: string): number {
  return Number.parseInt(count, 10);
}

function most(count: string): number {
  return /^\d+$/.test(count) ? Number(count) : Number(/ to (\d+)$/.exec(count)?.[1] ?? Number.NaN);
}

export function nameOf(difference: Difference): string | null {
  return knownCauses.find(({ fits }) => fits(difference))?.name ?? null;
}
