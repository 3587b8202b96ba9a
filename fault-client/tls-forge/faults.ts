import { Type } from '../../protos/schema/type.ts';
import { recordFaults } from '../../protos/tls13/faulty-record.ts';
import { type Fault, fault } from '../faults/fault.ts';
import { params } from '../faults/params.ts';
import { clientStages, lateMessages } from './plan.ts';
import { runForge } from './run-forge.ts';

const version = Type.Enum(['TLSv1.3', 'TLSv1.2'], {
  default: 'TLSv1.3',
  description: 'The version offered.',
});
const stage = (first: (typeof clientStages)[number]) =>
  Type.Enum([...clientStages], { default: first, description: 'The moment.' });

const applicationStage = Type.Enum(['after_handshake', 'after_request', 'after_response'], {
  default: 'after_handshake',
  description: 'The moment.',
});

const alert = fault({
  id: 'tls-client-alert',
  layer: 'tls',
  summary: 'Shakes hands honestly and sends one chosen TLS alert at a chosen moment, then FIN.',
  params: params({
    code: Type.Integer({ minimum: 0, maximum: 255, default: 48, description: 'AlertDescription.' }),
    level: Type.Enum(['fatal', 'warning'], { default: 'fatal', description: 'A warning ends nothing.' }),
    at: stage('after_server_certificate'),
    version,
  }),
  peerMustSee: 'exactly that alert; up to after_server_certificate its handshake fails by it',
  spec: 'RFC 8446 6.2; RFC 5246 7.2',
  run: (client, run, { code, level, at, version }) =>
    runForge(client, run, { version, alert: { code, level: level === 'fatal' ? 2 : 1, at } }),
});

const badRecordMac = fault({
  id: 'tls-client-bad-record-mac',
  layer: 'tls',
  summary: 'Sends an application data record with its last byte flipped.',
  params: params({
    at: applicationStage,
    version,
  }),
  peerMustSee: 'a record that does not authenticate; it answers with alert 20 and ends the connection',
  spec: 'RFC 8446 5.2',
  run: (client, run, { at, version }) => runForge(client, run, { version, record: { how: 'corrupt', at } }),
});

const record = fault({
  id: 'tls-client-record',
  layer: 'tls',
  summary: 'Sends a record of application data that is corrupt, missing, repeated, out of order or cut.',
  params: params({
    how: Type.Enum([...recordFaults], { default: 'drop', description: 'What goes wrong.' }),
    at: applicationStage,
    version,
  }),
  peerMustSee:
    'a record that does not authenticate, answered with alert 20; of the cut one an end without close_notify',
  spec: 'RFC 8446 5.3; RFC 8446 6.1',
  run: (client, run, { how, at, version }) => runForge(client, run, { version, record: { how, at } }),
});

const keyUpdate = fault({
  id: 'tls-client-key-update',
  layer: 'tls',
  summary: 'Sends KeyUpdate messages behind its TLS 1.3 handshake, then one GET.',
  params: params({
    count: Type.Integer({ minimum: 1, maximum: 1_000, default: 100, description: 'Messages.' }),
    at: applicationStage,
  }),
  peerMustSee: 'new keys and an ordinary request; of a flood its own limit, with an alert',
  spec: 'RFC 8446 4.6.3',
  run: (client, run, { count, at }) =>
    runForge(client, run, { version: 'TLSv1.3', keyUpdates: { count, at } }),
});

const lateMessage = fault({
  id: 'tls-client-late-message',
  layer: 'tls',
  summary: 'Sends a handshake message behind its TLS 1.3 handshake that nobody asked for.',
  params: params({
    message: Type.Enum([...lateMessages], {
      default: 'certificate',
      description: 'certificate is post-handshake authentication, client_hello a renegotiation.',
    }),
    at: applicationStage,
  }),
  peerMustSee: 'a message out of place: alert 10 (unexpected_message)',
  spec: 'RFC 8446 4.6.2; RFC 8446 4.1.2',
  run: (client, run, { message, at }) =>
    runForge(client, run, { version: 'TLSv1.3', message: { kind: message, at } }),
});

const stall = fault({
  id: 'tls-client-stall',
  layer: 'tls',
  summary: 'Shakes hands honestly up to a chosen moment, then says nothing more and keeps the connection.',
  params: params({ at: stage('after_client_hello'), version }),
  peerMustSee: 'silence from that moment; its own handshake or idle timeout must end the connection',
  spec: null,
  run: (client, run, { at, version }) => runForge(client, run, { version, stall: at }),
});

const close = fault({
  id: 'tls-client-close',
  layer: 'tls',
  summary: 'Ends the connection at a chosen moment: with close_notify and FIN, with FIN alone, or by RST.',
  params: params({
    how: Type.Enum(['fin', 'fin_without_close_notify', 'rst'], {
      default: 'fin_without_close_notify',
      description: 'How it ends.',
    }),
    at: stage('after_request'),
    version,
  }),
  peerMustSee: 'the end as it was',
  spec: 'RFC 8446 6.1',
  run: (client, run, { how, at, version }) => runForge(client, run, { version, close: { how, at } }),
});

const hello = fault({
  id: 'tls-client-hello',
  layer: 'tls',
  summary: 'Sends a legal ClientHello of an unusual shape, then one GET.',
  params: params({
    fragment_bytes: Type.Integer({
      minimum: 1,
      maximum: 16_384,
      default: 16_384,
      description: 'Per record.',
    }),
    padding_bytes: Type.Integer({
      minimum: 0,
      maximum: 60_000,
      default: 0,
      description: 'Of the padding extension.',
    }),
    grease: Type.Boolean({ default: false, description: 'Values of RFC 8701 in every list.' }),
    ech: Type.Boolean({ default: false, description: 'An Encrypted ClientHello of random bytes.' }),
    ticket: Type.Enum(['none', 'stale', 'early'], {
      default: 'none',
      description: 'A session ticket nobody issued; with early data behind it.',
    }),
    no_key_share: Type.Boolean({
      default: false,
      description: 'No key share: the server asks by HelloRetryRequest.',
    }),
    pq_key_share: Type.Boolean({ default: false, description: 'A first key share of 1216 bytes.' }),
    version,
  }),
  peerMustSee:
    'an ordinary handshake and request; SNI, ALPN and fingerprint as of the same hello in one record',
  spec: 'RFC 8446 5.1; RFC 7685; RFC 8701',
  run: (
    client,
    run,
    { fragment_bytes, padding_bytes, grease, ech, ticket, no_key_share, pq_key_share, version },
  ) =>
    runForge(client, run, {
      version,
      hello: {
        fragmentBytes: fragment_bytes,
        paddingBytes: padding_bytes,
        grease,
        ech,
        ...(ticket === 'none' ? {} : { ticket }),
        noKeyShare: no_key_share,
        pqKeyShare: pq_key_share,
      },
    }),
});

const brokenHello = fault({
  id: 'tls-client-broken-hello',
  layer: 'tls',
  summary: 'Sends a ClientHello that breaks a rule or shares nothing with the server.',
  params: params({
    what: Type.Enum(['duplicate_extension', 'no_known_group', 'long_sni', 'nul_in_sni'], {
      default: 'duplicate_extension',
      description: 'What is wrong with it.',
    }),
    version,
  }),
  peerMustSee: 'a ClientHello it has to refuse: alert 47, 40, 112, 112 in that order',
  spec: 'RFC 8446 4.2; RFC 6066 3',
  run: (client, run, { what, version }) => {
    const servername = { long_sni: 'a'.repeat(256), nul_in_sni: 'local\0host' }[what as string];
    const hello = {
      duplicateExtension: what === 'duplicate_extension',
      noKnownGroup: what === 'no_known_group',
    };
    const spec = servername === undefined ? client : { ...client, tls: { ...client.tls, servername } };
    return runForge(spec, run, { version, hello });
  },
});

export const tlsForgeFaults: readonly Fault[] = [
  alert,
  badRecordMac,
  record,
  keyUpdate,
  lateMessage,
  stall,
  close,
  hello,
  brokenHello,
];
