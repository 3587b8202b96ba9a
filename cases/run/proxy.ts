import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyRecord, MetaRecord } from '../../protos/records/records.ts';
import { InfrastructureError } from '../exit-codes.ts';
import type { Dialect } from '../foreign/dialect.ts';
import { freePorts, releasePorts } from '../foreign/free-ports.ts';
import { type Address, untilListening } from '../foreign/listening.ts';
import { fields150 } from '../foreign/vocabulary.ts';
import { isObject } from '../json.ts';
import { listenerMistakes } from '../load/listener-mistakes.ts';
import type { PlannedListener } from '../plan/plan.ts';
import { proxyConfig } from '../plan/proxy-config.ts';
import type { ConnectionRecord } from './evidence.ts';
import { type Program, type ProgramEnd, startProgram } from './program.ts';
import { tailLines } from './tail.ts';

export type ProxyProcess = {
  program: Program;
  /** Real `host` and `port` of a listener by its name. */
  address(listener: string): { host: string; port: number };
  /** Reads what the proxy has written up to now. */
  poll(): void;
  /** The process is gone and its file is read to the end. */
  ended: Promise<ProgramEnd>;
  /** SIGTERM, then the rest of the file. */
  stop(): Promise<ProgramEnd>;
};

export type ProxyEvents = {
  record(record: ConnectionRecord, line: number): void;
  meta(record: MetaRecord, line: number): void;
  /** A line that is not JSON, a gap in `seq`: the file itself cannot be trusted. `connId` when the line has one. */
  broken(text: string, connId: string | null): void;
  /** The run itself opened a connection, from this `ip:port`, to see whether the proxy listens. */
  touched(local: string): void;
};

const readyTimeoutMs = 15_000;
/** A program of another kind may need long for some hundred listeners. */
const foreignReadyTimeoutMs = 45_000;
const stopGraceMs = 10_000;

/** Starts one proxy process and waits for its `ready` line. @throws InfrastructureError when that does not come. */
export async function startProxy(options: {
  command: string[];
  /** Where its configuration and records go; file names start with `name`. */
  folder: string;
  name: string;
  listeners: PlannedListener[];
  upstreamAddress: (listener: PlannedListener) => string;
  certificates: string;
  timeScale: number;
  events: ProxyEvents;
  dialect: Dialect;
}): Promise<ProxyProcess> {
  const { folder, name, events } = options;
  const foreign = options.dialect === '1.50' ? await givenAddresses(options.listeners) : null;
  const configPath = join(folder, `${name}.yaml`);
  const jsonlPath = join(folder, `${name}.jsonl`);
  writeFileSync(
    configPath,
    proxyConfig(
      options.listeners,
      options.upstreamAddress,
      jsonlPath,
      options.certificates,
      foreign
        ? ({ name: listener }) => `${foreign.get(listener)!.host}:${foreign.get(listener)!.port}`
        : undefined,
    ),
  );
  const addresses = foreign ?? new Map<string, Address>();
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const follow = foreign ? foreignReader(jsonlPath, events) : sequenceChecker(jsonlPath, events);
  const tail = tailLines(jsonlPath, (text, line) => {
    const record = follow(text, line);
    if (record === null) return;
    if (record.kind !== 'meta') return events.record(record, line);
    events.meta(record, line);
    if (record.event !== 'ready') return;
    for (const { name: listener, host, port } of record.listeners) addresses.set(listener, { host, port });
    ready();
  });
  const command = options.command.map((part) => part.replaceAll('{config}', configPath));
  const program = startProgram('proxy', command, () => undefined, folder);
  const ended = program.ended.then((end) => {
    if (foreign) releasePorts(portsOf(foreign), ownHost);
    tail.poll();
    tail.close();
    return end;
  });
  const gone = new AbortController();
  void ended.then(() => gone.abort());
  if (foreign) void untilListening([...foreign.values()], gone.signal, events.touched).then(ready);
  let timer: NodeJS.Timeout | undefined;
  const failure = await Promise.race([
    isReady.then(() => null),
    ended.then(({ how }) => `the proxy ${how} before it was ready`),
    new Promise<string>((resolve) => {
      const limit = (foreign ? foreignReadyTimeoutMs : readyTimeoutMs) * options.timeScale;
      const what = foreign ? 'did not listen on every port of its configuration' : 'wrote no ready line';
      timer = setTimeout(() => resolve(`the proxy ${what} within ${limit} ms`), limit);
    }),
  ]);
  clearTimeout(timer);
  gone.abort();
  if (failure !== null) {
    await program.stop(1000);
    const writers = new Map(options.listeners.map(({ name: listener, writer }) => [listener, writer]));
    const mistake = listenerMistakes(configPath, program.stderrTail(), writers);
    if (mistake !== null) throw mistake;
    throw new InfrastructureError(
      `${failure}\nits command: ${command.join(' ')}\n${program.stderrTail()}`.trimEnd(),
    );
  }
  return {
    program,
    address: (listener) => {
      const address = addresses.get(listener);
      if (!address)
        throw new InfrastructureError(`the ready line of the proxy does not name listener ${listener}`);
      return address;
    },
    poll: tail.poll,
    ended,
    stop: async () => {
      await program.stop(stopGraceMs * options.timeScale);
      return ended;
    },
  };
}

const ownHost = '127.0.0.1';

/** Where each listener is told to listen: the records of 1.50 do not say where it does. */
async function givenAddresses(listeners: PlannedListener[]): Promise<Map<string, Address>> {
  const ports = await freePorts(listeners.length, ownHost);
  return new Map(listeners.map(({ name }, index) => [name, { host: ownHost, port: ports[index]! }]));
}

function portsOf(addresses: Map<string, Address>): number[] {
  return [...addresses.values()].map(({ port }) => port);
}

/** Parses the lines of 1.50, which have no `seq`; kinds nobody knows are passed over. */
function foreignReader(path: string, events: ProxyEvents): (text: string, line: number) => AnyRecord | null {
  return (text, line) => {
    const record = parsed(text);
    if (record === null || (record.kind in fields150 && typeof record.conn_id !== 'string')) {
      const what = record === null ? 'not a JSON record' : 'a record without conn_id';
      events.broken(`${path}:${line}: ${what}: ${text.slice(0, 120)}`, null);
      return null;
    }
    return record.kind in fields150 ? (record as AnyRecord) : null;
  };
}

function parsed(text: string): (Record<string, unknown> & { kind: string }) | null {
  try {
    const record: unknown = JSON.parse(text);
    return isObject(record) && typeof record.kind === 'string' ? { ...record, kind: record.kind } : null;
  } catch {
    return null;
  }
}

/** Parses lines and checks that `seq` rises by one from line to line. */
function sequenceChecker(
  path: string,
  events: ProxyEvents,
): (text: string, line: number) => AnyRecord | null {
  let last: number | null = null;
  let lastConnection: string | null = null;
  return (text, line) => {
    let record: AnyRecord;
    try {
      record = JSON.parse(text) as AnyRecord;
      if (typeof record !== 'object' || record === null || typeof record.kind !== 'string')
        throw new Error('no kind');
    } catch {
      events.broken(`${path}:${line}: not a JSON record: ${text.slice(0, 120)}`, null);
      return null;
    }
    const connId = record.kind === 'meta' ? null : record.conn_id;
    if (last !== null && record.seq !== last + 1) {
      events.broken(
        `${path}:${line}: seq is ${record.seq} after ${last}, not ${last + 1}`,
        connId ?? lastConnection,
      );
    }
    last = record.seq;
    lastConnection = connId ?? lastConnection;
    return record;
  };
}
