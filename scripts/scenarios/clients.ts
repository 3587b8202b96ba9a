/** Clients made of Node's own HTTP, each with its outcome in one word or number. */
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';

export type ClientTls = Pick<
  tls.ConnectionOptions,
  'ca' | 'cert' | 'key' | 'servername' | 'ciphers' | 'minVersion' | 'maxVersion'
>;

/** The status of a GET over HTTP/1.1, or the code of its error. */
export function getH1(
  port: number,
  path = '/',
  options: { tls?: ClientTls; localAddress?: string } = {},
): Promise<string> {
  return new Promise((resolve) => {
    const { tls: secure, localAddress } = options;
    const common = { host: '127.0.0.1', port, path, agent: false, ...(localAddress ? { localAddress } : {}) };
    const request = secure
      ? https.request({ ...common, servername: 'localhost', ...secure })
      : http.request(common);
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    request.on('response', (response) => {
      response.resume();
      response.on('close', () => resolve(response.complete ? String(response.statusCode) : 'answer cut off'));
    });
    request.end();
  });
}

/** The status of a GET over HTTP/2, with prior knowledge where there is no TLS, or the code of its error. */
export function getH2(port: number, path = '/', { tls: secure }: { tls?: ClientTls } = {}): Promise<string> {
  return new Promise((resolve) => {
    const session = http2.connect(secure ? `https://127.0.0.1:${port}` : `http://127.0.0.1:${port}`, {
      servername: 'localhost',
      ...secure,
    });
    let outcome = 'closed without an answer';
    session.on('error', (error: NodeJS.ErrnoException) => {
      outcome = error.code ?? error.message;
    });
    session.on('close', () => resolve(outcome));
    const request = session.request({ ':path': path });
    request.on('response', (headers) => {
      outcome = String(headers[':status']);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      outcome = error.code ?? error.message;
    });
    request.on('close', () => session.close());
    request.resume().end();
  });
}

/** Writes bytes and collects what comes until the other side ends; a reset ends it too. */
export function exchangeBytes(
  port: number,
  bytes: Buffer | string,
  secure?: ClientTls & { alpn?: string[] },
): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = secure
      ? tls.connect({
          host: '127.0.0.1',
          port,
          servername: 'localhost',
          ...secure,
          ...(secure.alpn ? { ALPNProtocols: secure.alpn } : {}),
        })
      : net.connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks)));
    socket.write(bytes);
  });
}
