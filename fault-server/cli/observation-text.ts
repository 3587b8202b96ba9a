import { styleText } from 'node:util';
import type { ServerObservation } from '../../protos/control/fault-server.ts';
import { printable } from './outcome-text.ts';

/** One line for people; colours where the terminal has them and NO_COLOR is not set. */
export function observationText(seen: ServerObservation): string {
  return `${dim(`${seen.endpoint} #${seen.conn}`)} ${describe(seen)}\n`;
}

function describe(seen: ServerObservation): string {
  switch (seen.observation) {
    case 'open':
      return `open from ${seen.remote}${seen.spared ? ', not chosen' : ''}`;
    case 'proxy': {
      const extra = [
        seen.command === 'LOCAL' ? 'LOCAL' : '',
        seen.tlvs.length > 0 ? `tlvs=${seen.tlvs.length}` : '',
        seen.error ? red(seen.error) : '',
      ].filter((part) => part !== '');
      return [`PROXY=${seen.version} src=${seen.src ?? '-'} dst=${seen.dst ?? '-'}`, ...extra].join(' ');
    }
    case 'tls':
      if (seen.outcome === 'fail') return red(`tls failed: ${seen.error ?? 'unknown'}`);
      return `tls ${seen.version} ${seen.cipher} alpn=${seen.alpn ?? '-'} sni=${seen.sni ?? '-'} client=${clientOf(seen)}`;
    case 'request': {
      const whole = seen.complete ? '' : red(' cut');
      const stream = seen.stream_id === null ? '' : ` stream ${seen.stream_id}`;
      return `${seen.protocol}${stream} ${printable(seen.method)} ${printable(seen.path)} ${seen.body_bytes} bytes${whole}`;
    }
    case 'response': {
      const stream = seen.stream_id === null ? '' : ` stream ${seen.stream_id}`;
      return `answered${stream} ${seen.status ?? '-'} ${seen.body_bytes} bytes`;
    }
    case 'fault':
      return yellow(`fault ${seen.fault}: ${seen.detail}`);
    case 'peer':
      return `the peer said ${seen.said} ${seen.code} ${seen.name}${seen.stream_id === null ? '' : ` on stream ${seen.stream_id}`}`;
    case 'close':
      return `closed by ${seen.by}, peer ${seen.peer_end ?? 'silent'}, in ${seen.bytes_in} out ${seen.bytes_out} bytes`;
  }
}

function clientOf(seen: Extract<ServerObservation, { observation: 'tls' }>): string {
  if (seen.client_cert === null) return '-';
  return seen.authorized ? seen.client_cert : `${seen.client_cert} (${seen.error ?? 'not verified'})`;
}

const dim = (text: string) => styleText('dim', text, { stream: process.stdout });
const red = (text: string) => styleText('red', text, { stream: process.stdout });
const yellow = (text: string) => styleText('yellow', text, { stream: process.stdout });
