import type { TSchema } from 'typebox';
import { Type } from '../../protos/schema/type.ts';
import { recordFaults } from '../../protos/tls13/faulty-record.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import { type Fault, type FaultSetting, fault } from '../faults/fault.ts';
import { type ForgeServerPlan, type ForgeServerReport, serverLies, serverStages } from './plan.ts';
import { forgeServer } from './server.ts';

const version = Type.Enum(['TLSv1.3', 'TLSv1.2'], { default: 'TLSv1.3', description: 'The version spoken.' });
const stage = (first: (typeof serverStages)[number]) =>
  Type.Enum([...serverStages], { default: first, description: 'The moment.' });
const requestClientCert = (first: boolean) =>
  Type.Boolean({ default: first, description: 'Ask for a client certificate; none is refused by itself.' });
const params = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

const alert = fault({
  id: 'tls-forge-alert',
  layer: 'tls',
  summary: 'Shakes hands honestly and sends one chosen TLS alert at a chosen moment, then FIN.',
  params: params({
    code: Type.Integer({ minimum: 0, maximum: 255, default: 48, description: 'AlertDescription.' }),
    level: Type.Enum(['fatal', 'warning'], { default: 'fatal', description: 'A warning ends nothing.' }),
    at: stage('after_client_certificate'),
    version,
    request_client_cert: requestClientCert(true),
  }),
  peerMustSee:
    'exactly that alert; in TLS 1.3 from after_client_certificate on behind its own finished handshake, in TLS 1.2 inside it',
  spec: 'RFC 8446 6.2; RFC 5246 7.2',
  stage: 'bytes',
  run(connection, { code, level, at, version, request_client_cert }, setting) {
    const chosen = { code, level: level === 'fatal' ? 2 : 1, at } as const;
    forge(alert.id, connection, setting, {
      version,
      requestClientCert: request_client_cert,
      alert: chosen,
    });
  },
});

const stall = fault({
  id: 'tls-forge-stall',
  layer: 'tls',
  summary: 'Shakes hands honestly up to a chosen moment, then says nothing more and keeps the connection.',
  params: params({
    at: stage('after_server_hello'),
    version,
    request_client_cert: requestClientCert(false),
  }),
  peerMustSee: 'silence from that moment; its own handshake or idle timeout must end the connection',
  spec: null,
  stage: 'bytes',
  run(connection, { at, version, request_client_cert }, setting) {
    forge(stall.id, connection, setting, { version, requestClientCert: request_client_cert, stall: at });
  },
});

const close = fault({
  id: 'tls-forge-close',
  layer: 'tls',
  summary: 'Ends the connection at a chosen moment: with close_notify and FIN, with FIN alone, or by RST.',
  params: params({
    how: Type.Enum(['fin', 'fin_without_close_notify', 'rst'], {
      default: 'fin_without_close_notify',
      description: 'How it ends.',
    }),
    at: stage('after_response'),
    version,
    request_client_cert: requestClientCert(false),
  }),
  peerMustSee:
    'the end as it was; FIN without close_notify is a truncation, which a body delimited by the end cannot survive',
  spec: 'RFC 8446 6.1',
  stage: 'bytes',
  run(connection, { how, at, version, request_client_cert }, setting) {
    const chosen = { how, at };
    forge(close.id, connection, setting, { version, requestClientCert: request_client_cert, close: chosen });
  },
});

const record = fault({
  id: 'tls-forge-record',
  layer: 'tls',
  summary: 'Sends a record of application data that is corrupt, missing, repeated, out of order or cut.',
  params: params({
    how: Type.Enum([...recordFaults], { default: 'corrupt', description: 'What goes wrong.' }),
    at: Type.Enum(['after_handshake', 'after_first_application_data', 'after_response'], {
      default: 'after_first_application_data',
      description: 'The moment.',
    }),
    version,
  }),
  peerMustSee:
    'a record that does not authenticate, which it answers with alert 20; of the cut one an end without close_notify',
  spec: 'RFC 8446 5.2, 6.1; RFC 5246 7.2.2',
  stage: 'bytes',
  run(connection, { how, at, version }, setting) {
    forge(record.id, connection, setting, { version, record: { how, at } });
  },
});

const lie = fault({
  id: 'tls-forge-lie',
  layer: 'tls',
  summary:
    'Shakes hands with one thing wrong: a choice that was not offered, a certificate or a proof that is none.',
  params: params({
    what: Type.Enum([...serverLies], {
      default: 'bad_signature',
      description:
        'What is wrong. downgrade is of TLS 1.2 alone, old_version and unoffered_group of TLS 1.3.',
    }),
    version,
  }),
  peerMustSee: 'a handshake it has to break off, with the alert for what is wrong',
  spec: 'RFC 8446 4.1.3, 4.2.8, 4.4.3, 4.4.4; RFC 7301 3.2',
  stage: 'bytes',
  run(connection, { what, version }, setting) {
    forge(lie.id, connection, setting, { version, lie: what });
  },
});

export const tlsForgeFaults: readonly Fault[] = [alert, stall, close, record, lie];

function forge(
  id: string,
  connection: ServerConnection,
  setting: FaultSetting,
  plan: Omit<ForgeServerPlan, 'cert' | 'key' | 'alpn' | 'respond'>,
): void {
  const { tls } = setting.endpoint;
  const identity = setting.identities(tls?.cert ?? 'server');
  const whole = { ...plan, ...identity, alpn: tls?.alpn ?? ['h2', 'http/1.1'], respond };
  const tell = new Teller(id, connection, whole);
  forgeServer(connection.raw, whole, (report) => tell.progress(report)).catch((error: Error) => {
    connection.fault(id, `cannot run: ${error.message}`);
    connection.destroy();
  });
}

/** Turns the forge's progress into observations: the handshake's outcome once, the misbehaviour once. */
class Teller {
  readonly #id: string;
  readonly #connection: ServerConnection;
  readonly #plan: ForgeServerPlan;
  #toldTls = false;
  #toldFault = false;

  constructor(id: string, connection: ServerConnection, plan: ForgeServerPlan) {
    this.#id = id;
    this.#connection = connection;
    this.#plan = plan;
  }

  progress(report: Readonly<ForgeServerReport>): void {
    if (report.peerAlert !== null) this.#connection.peerSaid('alert', report.peerAlert.code);
    const standing =
      serverStages.indexOf(report.stage ?? serverStages[0]) >= serverStages.indexOf('after_handshake');
    const over =
      (report.did !== null && report.did !== 'lie') ||
      report.error !== null ||
      report.peerAlert !== null ||
      report.peerEnd !== null;
    if (!this.#toldTls && (standing || over)) this.#tellTls(report, standing);
    if (report.did === null || this.#toldFault) return;
    this.#toldFault = true;
    this.#connection.fault(this.#id, `${describe(this.#plan, report)} ${report.stage}`);
  }

  #tellTls(report: Readonly<ForgeServerReport>, standing: boolean): void {
    this.#toldTls = true;
    this.#connection.observe({
      observation: 'tls',
      outcome: standing ? 'ok' : 'fail',
      version: report.cipherSuite === null ? null : this.#plan.version,
      cipher: report.cipherSuite,
      alpn: report.alpn,
      sni: report.servername,
      resumed: false,
      client_cert: report.clientCertificate,
      authorized: false,
      error: standing ? null : failure(this.#plan, report),
    });
  }
}

function failure(plan: ForgeServerPlan, report: Readonly<ForgeServerReport>): string {
  if (report.did !== null) return describe(plan, report);
  if (report.error !== null) return report.error.message;
  return report.peerAlert ? `alert ${report.peerAlert.code} received` : `peer ended (${report.peerEnd})`;
}

function describe(plan: ForgeServerPlan, report: Readonly<ForgeServerReport>): string {
  if (report.did === 'alert') return `alert ${plan.alert?.code}`;
  if (report.did === 'lie') return `lie ${plan.lie}`;
  if (report.did === 'bad_record') return `record ${plan.record?.how}`;
  return report.did === 'close' ? `close ${plan.close?.how}` : 'stall';
}

const h2Preface = 'PRI * HTTP/2.0';
const emptySettings = Buffer.from('000000040000000000', 'hex');

/** Without a length, so that nothing but close_notify tells the whole body from a cut one. */
function respond(request: Buffer): Buffer {
  if (request.toString('latin1', 0, h2Preface.length) === h2Preface) return emptySettings;
  return Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nforged\n');
}
