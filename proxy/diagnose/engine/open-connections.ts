import type { ReadRecord } from '../../query/reading/record-reader.ts';
import { addRecord, addSuccess, type Connection, createConnection } from '../facts/connection.ts';
import type { Success } from '../facts/skim.ts';

/** More connections open at once than this, and the oldest are judged by what is known of them. */
const mostOpen = 20_000;
/** A record may come after the close record of its connection: from another worker, or out of a sorted file. */
const mostClosed = 200;

/** The connections that may still get records. */
export class OpenConnections {
  readonly #judge: (connection: Connection) => void;
  readonly #open = new Map<string, Connection>();
  readonly #closed = new Map<string, Connection>();

  constructor(judge: (connection: Connection) => void) {
    this.#judge = judge;
  }

  add(id: string, record: ReadRecord, line: number): Connection {
    const connection = this.#open.get(id) ?? this.#closed.get(id) ?? this.#create(id, record, line);
    addRecord(connection, record, line);
    if (record.kind === 'conn' && record.event === 'close') this.#close(id, connection);
    return connection;
  }

  /** One more successful exchange of a connection that is known; false where it is not, or nobody knows where it led. */
  addSuccess(id: string, success: Success, line: number): boolean {
    const connection = this.#open.get(id) ?? this.#closed.get(id);
    if (connection === undefined || connection.upstream === '') return false;
    addSuccess(connection, success, line);
    return true;
  }

  /** Judge those that are over. */
  settle(): void {
    for (const connection of this.#closed.values()) this.#judge(connection);
    this.#closed.clear();
  }

  /** Judge all: no more records will come. */
  finish(): void {
    this.settle();
    for (const connection of this.#open.values()) this.#judge(connection);
    this.#open.clear();
  }

  #create(id: string, record: ReadRecord, line: number): Connection {
    if (this.#open.size >= mostOpen) this.#judgeFirst(this.#open);
    const connection = createConnection(id, record, line);
    this.#open.set(id, connection);
    return connection;
  }

  #close(id: string, connection: Connection): void {
    this.#open.delete(id);
    this.#closed.set(id, connection);
    if (this.#closed.size > mostClosed) this.#judgeFirst(this.#closed);
  }

  #judgeFirst(connections: Map<string, Connection>): void {
    for (const [id, connection] of connections) {
      connections.delete(id);
      this.#judge(connection);
      return;
    }
  }
}
