import type { ExchangeGroup } from './exchange.ts';

/** Why nginx answered 400 with one of its own pages. */
export type NginxComplaint = 'no-client-certificate' | 'client-certificate-error' | 'plain-http-to-https';

const pages: readonly { complaint: NginxComplaint; title: string; text: string }[] = [
  {
    complaint: 'no-client-certificate',
    title: 'No required SSL certificate was sent',
    text: 'No required SSL certificate was sent',
  },
  {
    complaint: 'client-certificate-error',
    title: 'The SSL certificate error',
    text: 'The SSL certificate error',
  },
  {
    complaint: 'plain-http-to-https',
    title: 'The plain HTTP request was sent to HTTPS port',
    text: 'The plain HTTP request was sent to HTTPS port',
  },
];

/**
 * What nginx complains of (ngx_http_special_response.c: 494 to 497 are told as 400). The body says it where bodies are recorded;
 * where they are not, its length does: the page is fixed but for the name of the server, which the Server field tells.
 */
export function nginxComplaint(group: ExchangeGroup): NginxComplaint | null {
  if (group.status !== 400) return null;
  for (const { complaint, title, text } of pages) {
    if (group.body?.includes(text)) return complaint;
    if (group.server !== null && group.contentLength === pageLength(title, text, group.server))
      return complaint;
  }
  return null;
}

function pageLength(title: string, text: string, server: string): number {
  const page = [
    '<html>',
    `<head><title>400 ${title}</title></head>`,
    '<body>',
    '<center><h1>400 Bad Request</h1></center>',
    `<center>${text}</center>`,
    `<hr><center>${server}</center>`,
    '</body>',
    '</html>',
    '',
  ];
  return page.join('\r\n').length;
}
