import { isIPv6 } from 'node:net';

/** Splits `host:port`, an IPv6 host in brackets (`[::1]:443`). Returns what is wrong as text. */
export function parseAddress(text: string, lowestPort: 0 | 1): { host: string; port: number } | string {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (match === null) return shapeProblem(text);
  const [, bracketed, plain, digits] = match;
  const host = bracketed ?? plain!;
  const port = Number(digits);
  if (bracketed !== undefined && !isIPv6(bracketed))
    return `"${bracketed}" in brackets is not an IPv6 address`;
  if (host === '') return `has no host; write 127.0.0.1:${port}, or 0.0.0.0:${port} for every IPv4 address`;
  if (/[\s/]/.test(host)) return `"${host}" is not a host name; write host:port without scheme or path`;
  if (port < lowestPort || port > 65535) return `port ${digits} is not between ${lowestPort} and 65535`;
  return { host, port };
}

function shapeProblem(text: string): string {
  if (text.includes('://')) return `"${text}" must be host:port, without a scheme`;
  const colon = text.lastIndexOf(':');
  // `::1:443` is an address by itself, but here a port was surely meant.
  if (colon > 0 && isIPv6(text.slice(0, colon)) && /^\d+$/.test(text.slice(colon + 1))) {
    return `"${text}" needs brackets: write [${text.slice(0, colon)}]:${text.slice(colon + 1)}`;
  }
  if (isIPv6(text)) return `"${text}" has no port; write [${text}]:443`;
  if (colon === -1)
    return `"${text}" has no port; write ${/^\d+$/.test(text) ? `127.0.0.1:${text}` : `${text}:443`}`;
  return `"${text}" must be host:port, for example 127.0.0.1:443 or [::1]:443`;
}
