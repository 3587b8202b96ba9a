import Type from 'typebox';
import { type Fault, fault } from '../faults/fault.ts';
import { params } from '../faults/params.ts';
import { clientStages } from './plan.ts';
import { runForge } from './run-forge.ts';

const version = Type.Enum(['TLSv1.3', 'TLSv1.2'], {
  default: 'TLSv1.3',
  description: 'The version offered.',
});
const stage = (first: (typeof clientStages)[number]) =>
  Type.Enum([...clientStages], { default: first, description: 'The moment.' });

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
    at: Type.Enum(['after_handshake', 'after_request', 'after_response'], {
      default: 'after_handshake',
      description: 'The moment.',
    }),
    version,
  }),
  peerMustSee: 'a record that does not authenticate; it answers with alert 20 and ends the connection',
  spec: 'RFC 8446 5.2',
  run: (client, run, { at, version }) => runForge(client, run, { version, badRecord: { at } }),
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
    how: Type.Enum(['fin', 'fin_without_close_notify', 'rst'], { default: 'fin_without_close_notify' }),
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
    padding_bytes: Type.Integer({ minimum: 0, maximum: 60_000, default: 0 }),
    grease: Type.Boolean({ default: false }),
    pq_key_share: Type.Boolean({ default: false, description: 'A first key share of 1216 bytes.' }),
    version,
  }),
  peerMustSee:
    'an ordinary handshake and request; SNI, ALPN and fingerprint as of the same hello in one record',
  spec: 'RFC 8446 5.1; RFC 7685; RFC 8701',
  run: (client, run, { fragment_bytes, padding_bytes, grease, pq_key_share, version }) =>
    runForge(client, run, {
      version,
      hello: {
        fragmentBytes: fragment_bytes,
        paddingBytes: padding_bytes,
        grease,
        pqKeyShare: pq_key_share,
      },
    }),
});

export const tlsForgeFaults: readonly Fault[] = [alert, badRecordMac, stall, close, hello];
