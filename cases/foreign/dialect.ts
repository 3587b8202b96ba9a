import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { InfrastructureError } from '../exit-codes.ts';
import { isObject } from '../json.ts';
import { startProgram } from '../run/program.ts';
import { tailLines } from '../run/tail.ts';
import { freePorts, releasePorts } from './free-ports.ts';
import { untilListening } from './listening.ts';

/** `current`: its records begin with a `meta` record that names their schema. `1.50`: no such record, and none of its fields. */
export type Dialect = 'current' | '1.50';

const host = '127.0.0.1';
/** Nobody listens there; nothing of the dialect depends on the upstream. */
const upstream = '127.255.255.254:1';
const limitMs = 15_000;

/**
 * Finds out what a program writes by what it writes first: it is started once with one listener, and when that listens, one
 * connection comes and goes. A program that ends before it wrote anything is `current`, so that its start tells why.
 * @throws InfrastructureError when it lives and writes nothing
 */
export async function dialectOf(
  command: string[],
  folder: string,
  certificates: string,
  timeScale: number,
): Promise<Dialect> {
  const [port] = await freePorts(1, host);
  const configPath = join(folder, 'dialect.yaml');
  const jsonlPath = join(folder, 'dialect.jsonl');
  rmSync(jsonlPath, { force: true });
  writeFileSync(configPath, probeConfig(port!, jsonlPath, certificates));
  const program = startProgram(
    'proxy',
    command.map((part) => part.replaceAll('{config}', configPath)),
    () => undefined,
    folder,
  );
  const gone = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let poll: () => void = () => undefined;
  const firstLine = new Promise<Dialect>((resolve) => {
    const tail = tailLines(jsonlPath, (text) => resolve(isMeta(text) ? 'current' : '1.50'));
    poll = tail.poll;
    gone.signal.addEventListener('abort', tail.close);
  });
  void untilListening([{ host, port: port! }], gone.signal, () => undefined).then(() => {
    // A program that died meanwhile is told by its end.
    if (!gone.signal.aborted)
      connect({ host, port: port! })
        .on('error', () => undefined)
        .end();
  });
  const ended = program.ended.then((): Dialect => {
    if (!gone.signal.aborted) poll();
    return 'current';
  });
  const silent = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs * timeScale);
  });
  const dialect = await Promise.race([firstLine, ended, silent]);
  clearTimeout(timer);
  gone.abort();
  await program.stop(2000);
  releasePorts([port!], host);
  if (dialect === null)
    throw new InfrastructureError(
      `the proxy wrote nothing within ${limitMs * timeScale} ms, neither that it is ready nor of a connection to 127.0.0.1:${port}\nits command: ${command.join(' ')}\n${program.stderrTail()}`.trimEnd(),
    );
  return dialect;
}

function isMeta(text: string): boolean {
  try {
    const record: unknown = JSON.parse(text);
    return isObject(record) && record.kind === 'meta' && typeof record.schema === 'string';
  } catch {
    return false;
  }
}

function probeConfig(port: number, jsonlPath: string, certificates: string): string {
  return stringify({
    listeners: [
      {
        name: 'dialect',
        listen: `${host}:${port}`,
        tls: { cert: join(certificates, 'server.crt'), key: join(certificates, 'server.key') },
        upstream: { addr: upstream, tls: false },
        logging: { jsonl_path: jsonlPath },
      },
    ],
  });
}
