import { createHash, createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fixture, type FixtureName, issueFixtures } from '../../protos/certificates/fixtures.ts';
import { exampleConfig } from './example.ts';
import { loadConfig, parseConfig } from './load.ts';
import { ConfigError } from './problems.ts';

let folder: string;
let fixtures: Record<FixtureName, Fixture>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wiretracer-config-'));
  fixtures = await issueFixtures();
  for (const [name, { cert, key }] of Object.entries(fixtures)) {
    writeFileSync(join(folder, `${name}.pem`), cert);
    writeFileSync(join(folder, `${name}.key`), key);
  }
  writeFileSync(join(folder, 'ca.crl'), fixtures.ca.crl!);
  writeFileSync(
    join(folder, 'encrypted.key'),
    createPrivateKey(fixtures.client.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'secret',
    }),
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

const inFolder = (yaml: string): string => yaml.replaceAll('$/', `${folder}/`);
const parse = (yaml: string) => parseConfig('c.yaml', Buffer.from(inFolder(yaml)));

function problemsOf(yaml: string): string[] {
  try {
    parse(yaml);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((line) =>
      line.replaceAll(`${folder}/`, '$/').replaceAll(process.cwd(), '<cwd>'),
    );
  }
}

const minimal = `listeners:
  - name: a
    listen: 127.0.0.1:0
    upstream: {addr: "127.0.0.1:80"}
`;

test('every default of a minimal plaintext listener', () => {
  const { listeners, ...top } = parse(minimal);
  expect(top).toEqual({
    jsonlPath: null,
    overflow: 'block',
    shutdownGraceMs: 5000,
    workers: 1,
    hash: createHash('sha256').update(minimal).digest('hex').slice(0, 16),
  });
  expect(listeners).toEqual([
    {
      name: 'a',
      source: 'c.yaml:3:13',
      host: '127.0.0.1',
      port: 0,
      tls: null,
      proxyProtocol: { mode: 'auto', trusted: [], timeoutMs: 3000 },
      upstream: { addr: '127.0.0.1:80', host: '127.0.0.1', port: 80, tls: null },
      policy: {
        allowlist: [],
        maxConnections: 200,
        maxconnWaitWarnMs: 200,
        maxconnWaitTimeoutMs: 30_000,
        upstreamConnectTimeoutMs: 5000,
        upstreamHandshakeTimeoutMs: 10_000,
        tlsHandshakeTimeoutMs: 10_000,
        readTimeoutMs: 30_000,
        idleTimeoutMs: 120_000,
      },
      logging: {
        logHeaders: true,
        logBody: false,
        bodyMaxBytes: 10_485_760,
        redactHeaders: ['authorization', 'cookie', 'x-api-key'],
        redactQuery: [],
        sampleRate: 1,
        h2ControlEvents: false,
      },
    },
  ]);
});

test('a file of 1.50 with every key means what it meant', () => {
  const { listeners, jsonlPath } = parse(
    `
listeners:
  - name: test-mtls-http2
    listen: "0.0.0.0:29101"
    tls:
      cert: $/server.pem
      key: $/server.key
      require_client_cert: yes
      client_ca: $/ca.pem
      client_crl: $/ca.crl
      alpn: []
      min_version: TLSv1_3
    upstream:
      addr: "[::1]:29443"
      tls: true
      server_name: localhost
      verify: no
      ca: $/ca.pem
      crl: $/ca.crl
      alpn: []
      client_cert: $/client.pem
      client_key: $/encrypted.key
      client_key_password: secret
      session_reuse: true
    policy:
      <<: {max_connections: 7}
      allowlist: ["10.1.2.3/8", "::1"]
      upstream_connect_timeout: 0
      upstream_handshake_timeout: 2.5
      maxconn_wait_warn_ms: 0
      read_timeout: 4
      idle_timeout: 6
    logging:
      log_headers: false
      log_body: true
      body_max_bytes: -5
      redact_headers: [X-Secret]
      sample_rate: 0
      h2_control_events: true
      jsonl_path: out.jsonl
  - name: second
    listen: "[::1]:29102"
    upstream: {addr: "localhost:1", tls: true}
    logging: {jsonl_path: other.jsonl, body_max_bytes: 99999999}
`,
  );
  const [first, second] = listeners;
  expect(jsonlPath).toBe('out.jsonl');
  expect(first).toMatchObject({
    host: '0.0.0.0',
    port: 29101,
    tls: {
      requireClientCert: true,
      clientCrl: Buffer.from(fixtures.ca.crl!),
      alpn: [],
      minVersion: 'TLSv1.3',
    },
    upstream: {
      addr: '[::1]:29443',
      host: '::1',
      port: 29443,
      tls: {
        serverName: 'localhost',
        effectiveServerName: 'localhost',
        verify: false,
        caPath: `${folder}/ca.pem`,
        crl: Buffer.from(fixtures.ca.crl!),
        alpn: ['h2', 'http/1.1'],
        clientKeyPassword: 'secret',
        sessionReuse: true,
      },
    },
    policy: {
      allowlist: ['10.1.2.3/8', '::1'],
      maxConnections: 7,
      upstreamConnectTimeoutMs: 5000,
      upstreamHandshakeTimeoutMs: 2500,
      maxconnWaitWarnMs: 0,
      readTimeoutMs: 4000,
      idleTimeoutMs: 6000,
    },
    logging: {
      logHeaders: false,
      logBody: true,
      bodyMaxBytes: -1,
      redactHeaders: ['x-secret'],
      sampleRate: 0,
      h2ControlEvents: true,
    },
  });
  expect(first!.tls!.cert.toString()).toBe(fixtures.server.cert);
  expect(first!.tls!.clientCa!.toString()).toBe(fixtures.ca.cert);
  expect(first!.upstream.tls!.clientCert!.toString()).toBe(fixtures.client.cert);
  expect(second).toMatchObject({
    host: '::1',
    upstream: { tls: { serverName: null, effectiveServerName: 'localhost', verify: true, ca: null } },
    logging: { bodyMaxBytes: 10_485_760 },
  });
});

test('workers: a number, or one for each core', () => {
  expect(parse(`workers: 64\n${minimal}`).workers).toBe(64);
  expect(parse(`workers: auto\n${minimal}`).workers).toBe(Math.min(availableParallelism(), 64));
});

test('the new keys', () => {
  const { overflow, shutdownGraceMs, listeners } = parse(`
overflow: drop
shutdown_grace: 0
listeners:
  - name: a
    listen: 127.0.0.1:0
    proxy_protocol: {mode: off, trusted: [127.0.0.0/8], timeout_ms: 50}
    upstream: {addr: "127.0.0.1:80"}
    policy: {maxconn_wait_timeout_ms: 0, tls_handshake_timeout: 1}
    logging: {redact_query: [Token]}
`);
  expect({ overflow, shutdownGraceMs }).toEqual({ overflow: 'drop', shutdownGraceMs: 0 });
  expect(listeners[0]).toMatchObject({
    proxyProtocol: { mode: 'off', trusted: ['127.0.0.0/8'], timeoutMs: 50 },
    policy: { maxconnWaitTimeoutMs: 0, tlsHandshakeTimeoutMs: 1000 },
    logging: { redactQuery: ['token'] },
  });
});

test('anchors and merged maps are followed', () => {
  const { listeners } = parse(`listeners:
  - &first
    name: a
    listen: 127.0.0.1:0
    upstream: {addr: "127.0.0.1:80"}
  - <<: *first
    name: b
`);
  expect(listeners.map(({ name, upstream }) => [name, upstream.addr])).toEqual([
    ['a', '127.0.0.1:80'],
    ['b', '127.0.0.1:80'],
  ]);
});

test('a map that merges itself, or maps that merge each other over and over, are each merged once', () => {
  expect(problemsOf('listeners: [&x {<<: *x, name: a}]\n')).toContain(
    'c.yaml:1:16: listen is missing; write for example listen: 127.0.0.1:9100',
  );
  const doubling = Array.from({ length: 40 }, (_, n) => `m${n}: &m${n} {<<: [*m${n - 1}, *m${n - 1}]}\n`);
  const text = `m: &m-1 {name: a}\n${doubling.join('')}listeners: [{<<: *m39}]\n`;
  expect(problemsOf(text)).toContainEqual(expect.stringContaining('listen is missing'));
});

test('the example is whole, but for the files it names', () => {
  expect(problemsOf(exampleConfig)).toEqual([
    'c.yaml:19:13: tls.cert "certs/server.pem" does not exist (relative paths start at <cwd>)',
    'c.yaml:20:12: tls.key "certs/server-key.pem" does not exist (relative paths start at <cwd>)',
  ]);
  const real = exampleConfig
    .replace('certs/server.pem', `${folder}/server.pem`)
    .replace('certs/server-key.pem', `${folder}/server.key`);
  const { listeners, ...top } = parse(real);
  const plain = parse(minimal);
  expect(listeners[0]).toMatchObject({
    proxyProtocol: plain.listeners[0]!.proxyProtocol,
    policy: plain.listeners[0]!.policy,
    logging: plain.listeners[0]!.logging,
  });
  expect(top).toMatchObject({ overflow: plain.overflow, shutdownGraceMs: plain.shutdownGraceMs });
});

/** Lines of a listener in place of `…`, in a file that is otherwise whole; they begin at line 2. */
const listener = (lines: string): string =>
  `listeners:\n  - ${lines.trim().split('\n').join('\n    ')}\n    name: a\n    listen: 127.0.0.1:0\n    upstream: {addr: "127.0.0.1:80"}\n`;
const tls = (inside: string): string => listener(`tls: {cert: $/server.pem, key: $/server.key, ${inside}}`);
const policy = (inside: string): string => listener(`policy: {${inside}}`);
const logging = (inside: string): string => listener(`logging: {${inside}}`);
const upstream = (inside: string): string =>
  `listeners:\n  - name: a\n    listen: 127.0.0.1:0\n    upstream: {${inside}}\n`;
const listen = (address: string): string =>
  `listeners:\n  - name: a\n    upstream: {addr: "a:1"}\n    listen: ${address}\n`;

test.each<[string, string, string[]]>([
  ['an empty file', '', ['c.yaml:1:1: the file is empty; it needs listeners: [...]']],
  ['a list', '- a', ['c.yaml:1:1: this must be a map of keys and values; it is a list']],
  [
    'no listeners',
    'overflow: drop',
    ['c.yaml:1:1: listeners is missing; it is the list of what to listen on'],
  ],
  ['a map of listeners', 'listeners: {a: 1}', ['c.yaml:1:12: listeners must be a list; it is a map']],
  [
    'an empty list',
    'listeners: []',
    ['c.yaml:1:12: listeners is an empty list; one listener at least is needed'],
  ],
  [
    'a listener that is text',
    'listeners: [a]',
    ['c.yaml:1:13: this must be a map of keys and values; it is "a"'],
  ],
  [
    'a listener without keys',
    'listeners: [{}]',
    [
      'c.yaml:1:13: name is missing; write for example name: my-listener',
      'c.yaml:1:13: listen is missing; write for example listen: 127.0.0.1:9100',
      'c.yaml:1:13: upstream is missing; write upstream: {addr: "127.0.0.1:8443", tls: true}',
    ],
  ],
  [
    'broken YAML',
    'listeners: [',
    [
      'c.yaml:1:13: not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ],
  [
    'a key given twice',
    'overflow: drop\noverflow: drop',
    ['c.yaml:2:1: not valid YAML: Map keys must be unique'],
  ],
  [
    'a misspelt top key',
    `overflw: drop\n${minimal}`,
    ['c.yaml:1:1: unknown key "overflw"; did you mean "overflow"?'],
  ],
  [
    'a wrong overflow',
    `overflow: wait\n${minimal}`,
    ['c.yaml:1:11: overflow must be one of block, drop; it is "wait"'],
  ],
  [
    'a key in the wrong section',
    listener('max_connections: 3\nlisteners: 1'),
    [
      'c.yaml:2:5: unknown key "max_connections" here; it belongs under "policy"',
      'c.yaml:3:5: unknown key "listeners" here; it belongs at the top level of the file',
    ],
  ],
  [
    'a listener key elsewhere',
    policy('name: 3'),
    ['c.yaml:2:14: unknown key "name" here; it belongs in a listener'],
  ],
  [
    'a misspelt key with dashes',
    policy('max-connections: 3'),
    ['c.yaml:2:14: unknown key "max-connections"; did you mean "max_connections"?'],
  ],
  [
    'a key nobody knows',
    listener('proxy_protocol: {zzz: 3}'),
    ['c.yaml:2:22: unknown key "zzz"; a proxy_protocol knows mode, trusted, timeout_ms'],
  ],
  [
    'one name twice',
    `${minimal}${minimal.slice('listeners:\n'.length)}`,
    ['c.yaml:5:11: name "a" is taken by the listener at c.yaml:2:11; names must differ'],
  ],
  [
    'one address twice',
    'listeners:\n  - {name: a, listen: "127.0.0.1:1", upstream: {addr: "a:1"}}\n  - {name: b, listen: "127.0.0.1:1", upstream: {addr: "a:1"}}',
    ['c.yaml:3:23: listen is the same address as that of listener "a"'],
  ],
  [
    'an address without port',
    listen('localhost'),
    ['c.yaml:4:13: listen "localhost" has no port; write localhost:443'],
  ],
  ['a port alone', listen('443'), ['c.yaml:4:13: listen "443" has no port; write 127.0.0.1:443']],
  [
    'an address without host',
    listen('":443"'),
    ['c.yaml:4:13: listen has no host; write 127.0.0.1:443, or 0.0.0.0:443 for every IPv4 address'],
  ],
  [
    'IPv6 without brackets',
    listen('"::1:443"'),
    ['c.yaml:4:13: listen "::1:443" needs brackets: write [::1]:443'],
  ],
  [
    'IPv6 without port',
    listen('"fe80::a:b"'),
    ['c.yaml:4:13: listen "fe80::a:b" has no port; write [fe80::a:b]:443'],
  ],
  [
    'brackets around a name',
    listen('"[localhost]:443"'),
    ['c.yaml:4:13: listen "localhost" in brackets is not an IPv6 address'],
  ],
  ['a port too high', listen('a:65536'), ['c.yaml:4:13: listen port 65536 is not between 0 and 65535']],
  [
    'a URL',
    upstream('addr: "https://a:1"'),
    ['c.yaml:4:22: upstream.addr "https://a:1" must be host:port, without a scheme'],
  ],
  [
    'an upstream port 0',
    upstream('addr: "a:0"'),
    ['c.yaml:4:22: upstream.addr port 0 is not between 1 and 65535'],
  ],
  [
    'an empty upstream',
    `${minimal.replace('{addr: "127.0.0.1:80"}', '')}`,
    ['c.yaml:4:5: upstream is missing; write upstream: {addr: "127.0.0.1:8443", tls: true}'],
  ],
  [
    'an upstream that is text',
    `${minimal.replace('{addr: "127.0.0.1:80"}', 'a:1')}`,
    ['c.yaml:4:15: upstream must be a map of keys and values; it is "a:1"'],
  ],
  [
    'a quoted boolean',
    upstream('addr: "a:1", tls: "false"'),
    ['c.yaml:4:34: upstream.tls must be true or false; "false" in quotes is text: write false'],
  ],
  [
    'a number for a boolean',
    upstream('addr: "a:1", tls: 1'),
    ['c.yaml:4:34: upstream.tls must be true or false; it is 1'],
  ],
  [
    'an empty boolean',
    upstream('addr: "a:1", tls: '),
    ['c.yaml:4:29: upstream.tls is empty; write true or false'],
  ],
  [
    'a quoted number',
    policy('read_timeout: "30"'),
    ['c.yaml:2:28: policy.read_timeout must be a number from 0 to 86400; "30" in quotes is text: write 30'],
  ],
  [
    'a word for a number',
    policy('max_connections: many'),
    ['c.yaml:2:31: policy.max_connections must be a whole number from 1 to 1000000; it is "many"'],
  ],
  [
    'a number too low',
    policy('max_connections: 0'),
    ['c.yaml:2:31: policy.max_connections must be a whole number from 1 to 1000000; it is 0'],
  ],
  [
    'half a connection',
    policy('max_connections: 1.5'),
    ['c.yaml:2:31: policy.max_connections must be a whole number from 1 to 1000000; it is 1.5'],
  ],
  [
    'no number',
    policy('idle_timeout: .nan'),
    ['c.yaml:2:28: policy.idle_timeout must be a number from 0 to 86400; it is .nan'],
  ],
  [
    'a timer beyond the clock',
    policy('idle_timeout: .inf'),
    ['c.yaml:2:28: policy.idle_timeout must be a number from 0 to 86400; it is .inf'],
  ],
  [
    'a rate above 1',
    logging('sample_rate: 1.1'),
    ['c.yaml:2:28: logging.sample_rate must be a number from 0 to 1; it is 1.1'],
  ],
  [
    'a negative grace',
    `shutdown_grace: -1\n${minimal}`,
    ['c.yaml:1:17: shutdown_grace must be a number from 0 to 86400; it is -1'],
  ],
  [
    'no worker at all',
    `workers: 0\n${minimal}`,
    ['c.yaml:1:10: workers must be a whole number from 1 to 64, or auto; it is 0'],
  ],
  [
    'half a worker',
    `workers: 1.5\n${minimal}`,
    ['c.yaml:1:10: workers must be a whole number from 1 to 64, or auto; it is 1.5'],
  ],
  [
    'text for a list',
    logging('redact_headers: cookie'),
    ['c.yaml:2:31: logging.redact_headers must be a list; write ["cookie"]'],
  ],
  [
    'an empty list value',
    logging('redact_headers: '),
    [
      'c.yaml:2:15: logging.redact_headers is empty; write [] for an empty list, or leave the key out for its default',
    ],
  ],
  [
    'a map in a list',
    logging('redact_headers: [{a: 1}]'),
    ['c.yaml:2:32: logging.redact_headers must hold text only; this entry is a map'],
  ],
  [
    'bad CIDRs',
    policy('allowlist: ["10.0.0.1/8", "10.0.0.0/33", localhost, "1.2.3.4/", "::1/129"]'),
    ['10.0.0.0/33:2:40', 'localhost:2:55', '1.2.3.4/:2:66', '::1/129:2:78'].map((entry) => {
      const [, text, place] = /^(.*):(\d+:\d+)$/.exec(entry)!;
      return `c.yaml:${place}: policy.allowlist: "${text}" is not an address or CIDR; write for example 10.0.0.0/8 or 2001:db8::/32`;
    }),
  ],
  [
    'an unknown PROXY mode',
    listener('proxy_protocol: {mode: on}'),
    ['c.yaml:2:28: proxy_protocol.mode must be one of auto, off, required; it is "on"'],
  ],
  [
    'an untrustworthy CIDR',
    listener('proxy_protocol: {trusted: [x]}'),
    [
      'c.yaml:2:32: proxy_protocol.trusted: "x" is not an address or CIDR; write for example 10.0.0.0/8 or 2001:db8::/32',
    ],
  ],
  [
    'an empty tls section',
    listener('tls:'),
    ['c.yaml:2:5: tls is empty; give cert and key, or leave tls out for a plaintext listener'],
  ],
  [
    'tls that is a boolean',
    listener('tls: false'),
    ['c.yaml:2:10: tls must be a map of keys and values; it is false'],
  ],
  [
    'tls without files',
    listener('tls: {alpn: [h2]}'),
    [
      'c.yaml:2:10: tls.cert is missing; write for example cert: certs/server.pem',
      'c.yaml:2:10: tls.key is missing; write for example key: certs/server-key.pem',
    ],
  ],
  [
    'ALPN null',
    tls('alpn: null'),
    ['c.yaml:2:50: tls.alpn is empty; write [] for an empty list, or leave the key out for its default'],
  ],
  [
    'an unknown TLS version',
    tls('min_version: TLS1.1'),
    ['c.yaml:2:63: tls.min_version must be TLS1.2 or TLS1.3; it is "TLS1.1"'],
  ],
  [
    'a required client certificate without CA',
    tls('require_client_cert: true'),
    [
      'c.yaml:2:71: tls.require_client_cert needs tls.client_ca: the CA that client certificates must chain to',
    ],
  ],
  [
    'files that are not there',
    listener('tls: {cert: $/no.pem, key: no.key}'),
    [
      'c.yaml:2:17: tls.cert "$/no.pem" does not exist',
      'c.yaml:2:32: tls.key "no.key" does not exist (relative paths start at <cwd>)',
    ],
  ],
  [
    'a certificate for a revocation list',
    tls('client_crl: $/ca.pem'),
    [
      'c.yaml:2:62: tls.client_crl "$/ca.pem" holds no PEM revocation list; from DER: openssl crl -inform der -in $/ca.pem -out crl.pem',
    ],
  ],
  ['a directory', tls('client_ca: $/'), ['c.yaml:2:61: tls.client_ca "$/" is a directory']],
  [
    'cert and key the wrong way round',
    listener('tls: {cert: $/server.key, key: $/server.pem}'),
    [
      'c.yaml:2:17: tls.cert "$/server.key" holds a private key; a certificate is wanted',
      'c.yaml:2:36: tls.key "$/server.pem" holds a certificate; a private key is wanted',
    ],
  ],
  [
    'a key of another certificate',
    listener('tls: {cert: $/server.pem, key: $/client.key}'),
    ['c.yaml:2:36: tls.key "$/client.key" is not the key of the certificate in "$/server.pem"'],
  ],
  [
    'an encrypted listener key',
    listener('tls: {cert: $/client.pem, key: $/encrypted.key}'),
    [
      'c.yaml:2:36: tls.key "$/encrypted.key" is encrypted; decrypt it: openssl pkey -in $/encrypted.key -out key.pem',
    ],
  ],
  [
    'a wrong password',
    upstream('addr: "a:1", client_cert: $/client.pem, client_key: $/encrypted.key, client_key_password: x'),
    ['c.yaml:4:68: upstream.client_key "$/encrypted.key" does not open with this password'],
  ],
  [
    'a client certificate without key',
    upstream('addr: "a:1", client_cert: $/client.pem'),
    ['c.yaml:4:42: upstream.client_cert needs upstream.client_key: a certificate is useless without its key'],
  ],
  [
    'a client key without certificate',
    upstream('addr: "a:1", client_key: $/client.key'),
    ['c.yaml:4:41: upstream.client_key needs upstream.client_cert: a key is useless without its certificate'],
  ],
  [
    'an ALPN name too long',
    upstream(`addr: "a:1", alpn: [${'x'.repeat(256)}]`),
    ['c.yaml:4:36: an ALPN protocol name is at most 255 bytes long'],
  ],
])('%s', (_, yaml, problems) => {
  // Columns behind a path depend on the folder's length: they are told as if the folder were `$`.
  const shorter = problemsOf(yaml).map((line) =>
    line.replace(/^(c\.yaml:)(\d+):(\d+)/, (_all, file, row, col) => {
      const before = inFolder(yaml)
        .split('\n')
        [Number(row) - 1]!.slice(0, Number(col) - 1);
      return `${file}${row}:${before.replaceAll(`${folder}/`, '$/').length + 1}`;
    }),
  );
  expect(shorter).toEqual(problems);
});

test('a file that is not PEM is refused in words', () => {
  writeFileSync(join(folder, 'junk'), 'junk');
  writeFileSync(join(folder, 'torn.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const [cert, key] = problemsOf(listener('tls: {cert: $/junk, key: $/junk, client_ca: $/torn.pem}'));
  expect(cert).toContain('"$/junk" holds no PEM certificate; from DER: openssl x509 -inform der');
  expect(key).toContain('"$/junk" holds no PEM private key that can be parsed');
});

test('a configuration file that is not there says how to make one', () => {
  expect(() => loadConfig('/nowhere/config.yaml')).toThrow(
    '/nowhere/config.yaml: no such file; name one with --config, or make one: wiretracer --gen-config > config.yaml',
  );
});
