import { Type } from '../../../protos/schema/type.ts';
import { fault } from '../fault.ts';
import { converse } from '../h1/converse.ts';
import { openApplication } from '../open.ts';
import { params, plaintext } from '../params.ts';

/** Here and not among the HTTP/1.1 faults: what it asks for is HTTP/2. */
export const h2cUpgrade = fault({
  id: 'h2c-upgrade',
  layer: 'h2',
  summary: 'Asks HTTP/1.1 to become HTTP/2 by Upgrade: h2c.',
  params: params({
    path: Type.String({ default: '/mode/ok', description: 'Request path.' }),
    plaintext,
  }),
  peerMustSee: 'an upgrade that is obsolete: ignored, and the request answered in HTTP/1.1',
  spec: 'RFC 9113 3.1; RFC 7540 3.2',
  run: async (client, run, given) => {
    const connection = await openApplication(client, run, { alpn: 'http/1.1', plaintext: given.plaintext });
    const request = [
      `GET ${client.request?.path ?? given.path} HTTP/1.1`,
      'Host: localhost',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      // SETTINGS_MAX_CONCURRENT_STREAMS 100 and SETTINGS_INITIAL_WINDOW_SIZE 65535, base64url.
      'HTTP2-Settings: AAMAAABkAAQAAP__',
      '',
      '',
    ];
    await converse(run, connection, { pieces: [Buffer.from(request.join('\r\n'))], answers: 1 });
  },
});
