import { didYouMean } from '../../protos/text/nearest.ts';

/** Finds words at which no outcome begins, in the places of a case's `direct.differs`. */
export function wrongDirectWords(
  differs: Record<string, string>,
  path: string,
): { path: string; text: string }[] {
  return Object.keys(differs).flatMap((place) => {
    const [side = '', ...rest] = place.split('.');
    const report = (text: string) => [{ path, text: `${place}: ${text}` }];
    if (side === 'client') return wrongWord(rest[0], ofClient).flatMap(report);
    if (side !== 'server') return report('a place is client.… or server.<connection or *>.<observation>.…');
    if (rest[0] !== undefined && rest[0] !== '*' && !/^\d+$/.test(rest[0]))
      return report(`the server's connections are numbered from 0; write server.*.${rest[0]}`);
    return wrongWord(rest[1], ofServer).flatMap(report);
  });
}

function wrongWord(word: string | undefined, known: string[]): string[] {
  if (word === undefined || word === '*' || known.includes(word)) return [];
  return [`there is no ${word} there; ${didYouMean(word, known)}write one of ${known.join(', ')}`];
}

const ofClient = [
  'outcome',
  'error',
  'exchanges',
  'tls',
  'close',
  'sockets',
  'received',
  'received_bytes',
  'notes',
];
const ofServer = ['open', 'proxy', 'tls', 'request', 'response', 'fault', 'peer', 'close'];
