import { Meter } from '../endpoints/meter.ts';
import type { ServerConnection } from '../endpoints/server-connection.ts';
import { MessageCount } from '../grpc/message-count.ts';

/** A request on a stream of H2Peer: what of it came, what of its answer went, each observed once. */
export class H2Request {
  readonly id: number;
  readonly fields: [string, string][];
  readonly trailers: [string, string][] = [];
  /** The start of the body, as much as a fault may need to read. */
  body: Buffer = Buffer.alloc(0);
  readonly #connection: ServerConnection;
  readonly #received = new Meter();
  readonly #answer = new Meter();
  readonly #messages = new MessageCount();
  #status: number | null = null;
  #told = false;
  #responded = false;
  /** Nothing more goes or comes on its stream. */
  closed = false;

  constructor(connection: ServerConnection, id: number, fields: [string, string][]) {
    this.#connection = connection;
    this.id = id;
    this.fields = fields;
  }

  field(name: string): string | null {
    return this.fields.find(([key]) => key === name)?.[1] ?? null;
  }

  get isGrpc(): boolean {
    return this.field('content-type')?.startsWith('application/grpc') ?? false;
  }

  data(chunk: Buffer): void {
    this.#received.add(chunk);
    this.#messages.add(chunk);
    if (this.body.length < MAX_KEPT_BYTES) this.body = Buffer.concat([this.body, chunk]);
  }

  /** END_STREAM came. False when it came before, or the request was cut. */
  complete(): boolean {
    return this.#tell(true);
  }

  /** The request or its connection was ended by the peer. */
  cut(): void {
    this.#tell(false);
    this.responded();
  }

  answered(fields: [string, string][]): void {
    const status = fields.find(([name]) => name === ':status')?.[1];
    if (status !== undefined) this.#status = Number(status);
  }

  sent(piece: Buffer): void {
    this.#answer.add(piece);
  }

  responded(): void {
    this.closed = true;
    if (this.#responded || this.#status === null) return;
    this.#responded = true;
    this.#connection.observe({
      observation: 'response',
      status: this.#status,
      stream_id: this.id,
      body_bytes: this.#answer.bytes,
      body_sha256: this.#answer.sha256(),
    });
  }

  #tell(complete: boolean): boolean {
    if (this.#told) return false;
    this.#told = true;
    this.#connection.observe({
      observation: 'request',
      protocol: this.isGrpc ? 'grpc' : 'h2',
      method: this.field(':method') ?? '',
      path: this.field(':path') ?? '',
      authority: this.field(':authority'),
      headers: this.fields.filter(([name]) => !name.startsWith(':')),
      trailers: this.trailers,
      stream_id: this.id,
      body_bytes: this.#received.bytes,
      body_sha256: this.#received.sha256(),
      complete,
      grpc_messages: this.isGrpc ? this.#messages.messages : null,
    });
    return true;
  }
}

const MAX_KEPT_BYTES = 1 << 20;
